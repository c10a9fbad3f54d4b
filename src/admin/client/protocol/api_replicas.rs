//! The requests that move replicas and leaders. They are sent only where a replication has to change.

use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, DescribeQuorumRequest, DescribeTopicPartitionsRequest,
    ElectLeadersRequest, ListPartitionReassignmentsRequest,
};

use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::shape::Kind::{Fixed, List, Numbers, Optional, Text};
use crate::admin::client::protocol::shape::{Shape, always, since};

const INT16: usize = 2;
const INT32: usize = 4;
const INT64: usize = 8;
const UUID: usize = 16;
const BOOLEAN: usize = 1;

/// A partition with what became of it.
const OUTCOME: Shape = Shape {
    fields: &[always(Fixed(INT32)), always(Fixed(INT16)), always(Text)],
    tags: &[],
};

/// Version 1 is the first that says when each node fetched last (KIP-836).
impl Api for DescribeQuorumRequest {
    const NAME: &'static str = "DescribeQuorum";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "3.3";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT16)),
            since(2, Text),
            always(List(&Shape {
                fields: &[always(Text), always(List(&QUORUM))],
                tags: &[],
            })),
            since(
                2,
                List(&Shape {
                    fields: &[
                        always(Fixed(INT32)),
                        always(List(&Shape {
                            fields: &[always(Text), always(Text), always(Fixed(INT16))],
                            tags: &[],
                        })),
                    ],
                    tags: &[],
                }),
            ),
        ],
        tags: &[],
    };
}

const QUORUM: Shape = Shape {
    fields: &[
        always(Fixed(INT32)),
        always(Fixed(INT16)),
        since(2, Text),
        always(Fixed(INT32)),
        always(Fixed(INT32)),
        always(Fixed(INT64)),
        always(List(&FOLLOWER)),
        always(List(&FOLLOWER)),
    ],
    tags: &[],
};

const FOLLOWER: Shape = Shape {
    fields: &[
        always(Fixed(INT32)),
        since(2, Fixed(UUID)),
        always(Fixed(INT64)),
        always(Fixed(INT64)),
        always(Fixed(INT64)),
    ],
    tags: &[],
};

impl Api for AlterPartitionReassignmentsRequest {
    const NAME: &'static str = "AlterPartitionReassignments";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "2.4";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            since(1, Fixed(BOOLEAN)),
            always(Fixed(INT16)),
            always(Text),
            always(List(&Shape {
                fields: &[always(Text), always(List(&OUTCOME))],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for ListPartitionReassignmentsRequest {
    const NAME: &'static str = "ListPartitionReassignments";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "2.4";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(Fixed(INT16)),
            always(Text),
            always(List(&Shape {
                fields: &[always(Text), always(List(&ONGOING))],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

const ONGOING: Shape = Shape {
    fields: &[
        always(Fixed(INT32)),
        always(Numbers(INT32)),
        always(Numbers(INT32)),
        always(Numbers(INT32)),
    ],
    tags: &[],
};

/// Version 1 is the first that says what is elected.
impl Api for ElectLeadersRequest {
    const NAME: &'static str = "ElectLeaders";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "2.4";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(Fixed(INT16)),
            always(List(&Shape {
                fields: &[always(Text), always(List(&OUTCOME))],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for DescribeTopicPartitionsRequest {
    const NAME: &'static str = "DescribeTopicPartitions";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "3.8";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    always(Text),
                    always(Fixed(UUID)),
                    always(Fixed(BOOLEAN)),
                    always(List(&DESCRIBED_PARTITION)),
                    always(Fixed(INT32)),
                ],
                tags: &[],
            })),
            always(Optional(&Shape {
                fields: &[always(Text), always(Fixed(INT32))],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

const DESCRIBED_PARTITION: Shape = Shape {
    fields: &[
        always(Fixed(INT16)),
        always(Fixed(INT32)),
        always(Fixed(INT32)),
        always(Fixed(INT32)),
        always(Numbers(INT32)),
        always(Numbers(INT32)),
        always(Numbers(INT32)),
        always(Numbers(INT32)),
        always(Numbers(INT32)),
    ],
    tags: &[],
};
