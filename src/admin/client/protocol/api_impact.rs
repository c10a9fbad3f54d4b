//! The requests that read what topics hold and who uses them. They are sent only for changes that could
//! cost something.

use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, DescribeShareGroupOffsetsRequest, FetchRequest,
    FindCoordinatorRequest, ListGroupsRequest, OffsetFetchRequest, ShareGroupDescribeRequest,
};

use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::log_dirs_message::LogDirsRequest;
use crate::admin::client::protocol::shape::Kind::{Fixed, List, Numbers, Struct, Text, Texts};
use crate::admin::client::protocol::shape::{Shape, always, between, since};

const INT8: usize = 1;
const INT16: usize = 2;
const INT32: usize = 4;
const INT64: usize = 8;
const BOOLEAN: usize = 1;
const UUID: usize = 16;

impl Api for LogDirsRequest {
    const NAME: &'static str = "DescribeLogDirs";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "2.0";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            since(3, Fixed(INT16)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    always(Text),
                    always(List(&Shape {
                        fields: &[
                            always(Text),
                            always(List(&Shape {
                                fields: &[
                                    always(Fixed(INT32)),
                                    always(Fixed(INT64)),
                                    always(Fixed(INT64)),
                                    always(Fixed(BOOLEAN)),
                                ],
                                tags: &[],
                            })),
                        ],
                        tags: &[],
                    })),
                    since(4, Fixed(INT64)),
                    since(4, Fixed(INT64)),
                    since(5, Fixed(BOOLEAN)),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

/// Before version 4 there is no word of states, so every group is described.
impl Api for ListGroupsRequest {
    const NAME: &'static str = "ListGroups";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "0.9";
    const ANSWER: Shape = Shape {
        fields: &[
            since(1, Fixed(INT32)),
            always(Fixed(INT16)),
            always(List(&Shape {
                fields: &[always(Text), always(Text), since(4, Text), since(5, Text)],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetch";
    const OLDEST: i16 = 2;
    const SINCE: &'static str = "0.10.2";
    const ANSWER: Shape = Shape {
        fields: &[
            since(3, Fixed(INT32)),
            between(0, 7, List(&COMMITTED_TOPIC)),
            between(2, 7, Fixed(INT16)),
            since(
                8,
                List(&Shape {
                    fields: &[always(Text), always(List(&COMMITTED_TOPIC)), always(Fixed(INT16))],
                    tags: &[],
                }),
            ),
        ],
        tags: &[],
    };
}

const COMMITTED_TOPIC: Shape = Shape {
    fields: &[
        always(Text),
        always(List(&Shape {
            fields: &[
                always(Fixed(INT32)),
                always(Fixed(INT64)),
                since(5, Fixed(INT32)),
                always(Text),
                always(Fixed(INT16)),
            ],
            tags: &[],
        })),
    ],
    tags: &[],
};

impl Api for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroups";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "0.9";
    const ANSWER: Shape = Shape {
        fields: &[
            since(1, Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    since(6, Text),
                    always(Text),
                    always(Text),
                    always(Text),
                    always(Text),
                    always(List(&Shape {
                        fields: &[
                            always(Text),
                            since(4, Text),
                            always(Text),
                            always(Text),
                            always(Numbers(INT8)),
                            always(Numbers(INT8)),
                        ],
                        tags: &[],
                    })),
                    since(3, Fixed(INT32)),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for ConsumerGroupDescribeRequest {
    const NAME: &'static str = "ConsumerGroupDescribe";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "3.7";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    always(Text),
                    always(Text),
                    always(Text),
                    always(Fixed(INT32)),
                    always(Fixed(INT32)),
                    always(Text),
                    always(List(&GROUP_MEMBER)),
                    always(Fixed(INT32)),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

const GROUP_MEMBER: Shape = Shape {
    fields: &[
        always(Text),
        always(Text),
        always(Text),
        always(Fixed(INT32)),
        always(Text),
        always(Text),
        always(Texts),
        always(Text),
        always(Struct(&ASSIGNED)),
        always(Struct(&ASSIGNED)),
        since(1, Fixed(INT8)),
    ],
    tags: &[],
};

const ASSIGNED: Shape = Shape {
    fields: &[always(List(&Shape {
        fields: &[always(Fixed(UUID)), always(Text), always(Numbers(INT32))],
        tags: &[],
    }))],
    tags: &[],
};

/// Version 0 was for early access in Kafka 4.0.
impl Api for ShareGroupDescribeRequest {
    const NAME: &'static str = "ShareGroupDescribe";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "4.1";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    always(Text),
                    always(Text),
                    always(Text),
                    always(Fixed(INT32)),
                    always(Fixed(INT32)),
                    always(Text),
                    always(List(&SHARE_MEMBER)),
                    always(Fixed(INT32)),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

const SHARE_MEMBER: Shape = Shape {
    fields: &[
        always(Text),
        always(Text),
        always(Fixed(INT32)),
        always(Text),
        always(Text),
        always(Texts),
        always(Struct(&ASSIGNED)),
    ],
    tags: &[],
};

impl Api for DescribeShareGroupOffsetsRequest {
    const NAME: &'static str = "DescribeShareGroupOffsets";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "4.1";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Text),
                    always(List(&SHARED_TOPIC)),
                    always(Fixed(INT16)),
                    always(Text),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

const SHARED_TOPIC: Shape = Shape {
    fields: &[
        always(Text),
        always(Fixed(UUID)),
        always(List(&Shape {
            fields: &[
                always(Fixed(INT32)),
                always(Fixed(INT64)),
                always(Fixed(INT32)),
                always(Fixed(INT16)),
                always(Text),
            ],
            tags: &[],
        })),
    ],
    tags: &[],
};

/// Version 4 is the first that asks for several groups at once (KIP-699).
impl Api for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinator";
    const OLDEST: i16 = 4;
    const SINCE: &'static str = "3.0";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Text),
                    always(Fixed(INT32)),
                    always(Text),
                    always(Fixed(INT32)),
                    always(Fixed(INT16)),
                    always(Text),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

/// From version 12 on topics are asked for by id, and the answer says more that is not needed here.
impl Api for FetchRequest {
    const NAME: &'static str = "Fetch";
    const OLDEST: i16 = 4;
    const SINCE: &'static str = "0.11";
    const NEWEST: i16 = 11;
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            since(7, Fixed(INT16)),
            since(7, Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Text),
                    always(List(&Shape {
                        fields: &[
                            always(Fixed(INT32)),
                            always(Fixed(INT16)),
                            always(Fixed(INT64)),
                            always(Fixed(INT64)),
                            since(5, Fixed(INT64)),
                            always(List(&Shape {
                                fields: &[always(Fixed(INT64)), always(Fixed(INT64))],
                                tags: &[],
                            })),
                            since(11, Fixed(INT32)),
                            always(Numbers(INT8)),
                        ],
                        tags: &[],
                    })),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}
