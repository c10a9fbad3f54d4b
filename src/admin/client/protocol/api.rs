//! The requests that this tool sends: their names, the versions it can use, and what their answers
//! look like. How they are encoded is the protocol crate's business.

use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, ApiVersionsRequest, ConsumerGroupDescribeRequest,
    CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest,
    DescribeConfigsRequest, DescribeGroupsRequest, DescribeQuorumRequest, DescribeShareGroupOffsetsRequest,
    DescribeTopicPartitionsRequest, ElectLeadersRequest, FetchRequest, FindCoordinatorRequest,
    IncrementalAlterConfigsRequest, ListGroupsRequest, ListOffsetsRequest, ListPartitionReassignmentsRequest,
    MetadataRequest, OffsetFetchRequest, SaslAuthenticateRequest, SaslHandshakeRequest,
    ShareGroupDescribeRequest,
};
use kafka_protocol::protocol::Request;

use crate::admin::client::protocol::log_dirs_message::LogDirsRequest;
use crate::admin::client::protocol::shape::Kind::{Fixed, List, Numbers, Text};
use crate::admin::client::protocol::shape::{Shape, always, between, since};

/// All kinds of requests that this tool sends. Only these can have an [`Api`], so that what has to hold
/// for every answer is tried on every answer: see [`crate::admin::client::tests::hostile`].
macro_rules! requests {
    ($($request:ident),+ $(,)?) => {
        $(impl Listed for $request {})+

        /// Shows every kind of request to a test.
        #[cfg(test)]
        pub(crate) fn each(visitor: &mut impl Visitor) {
            $(visitor.visit::<$request>();)+
        }
    };
}

requests! {
    ApiVersionsRequest,
    MetadataRequest,
    DescribeClusterRequest,
    DescribeConfigsRequest,
    CreateTopicsRequest,
    CreatePartitionsRequest,
    IncrementalAlterConfigsRequest,
    DeleteTopicsRequest,
    ListOffsetsRequest,
    SaslHandshakeRequest,
    SaslAuthenticateRequest,
    LogDirsRequest,
    ListGroupsRequest,
    OffsetFetchRequest,
    DescribeGroupsRequest,
    ConsumerGroupDescribeRequest,
    FetchRequest,
    AlterPartitionReassignmentsRequest,
    ListPartitionReassignmentsRequest,
    ElectLeadersRequest,
    ShareGroupDescribeRequest,
    DescribeShareGroupOffsetsRequest,
    FindCoordinatorRequest,
    DescribeTopicPartitionsRequest,
    DescribeQuorumRequest,
}

/// A kind of request that stands on the list above.
pub(crate) trait Listed {}

/// Does the same with every kind of request.
#[cfg(test)]
pub(crate) trait Visitor {
    fn visit<R: Api>(&mut self);
}

/// A kind of request.
pub(crate) trait Api: Request + Listed {
    /// Kafka's name of it.
    const NAME: &'static str;
    /// The oldest version with which it means what is needed here.
    const OLDEST: i16;
    /// The first Kafka release with that version.
    const SINCE: &'static str;
    /// The newest version that is worth its answer; all that the protocol crate knows, by default.
    const NEWEST: i16 = Self::VERSIONS.max;
    /// The structure of its answers.
    const ANSWER: Shape;

    /// Compact lengths and tagged fields (KIP-482) came with version 2 of the request header.
    fn is_flexible(version: i16) -> bool {
        Self::header_version(version) >= 2
    }
}

const INT8: usize = 1;
const INT16: usize = 2;
const INT32: usize = 4;
const INT64: usize = 8;
const BOOLEAN: usize = 1;
const UUID: usize = 16;

impl Api for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersions";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "0.10";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT16)),
            always(List(&Shape {
                fields: &[always(Fixed(INT16)), always(Fixed(INT16)), always(Fixed(INT16))],
                tags: &[],
            })),
            since(1, Fixed(INT32)),
        ],
        tags: &[
            (0, List(&FEATURE)),
            (1, Fixed(INT64)),
            (2, List(&FEATURE)),
            (3, Fixed(BOOLEAN)),
        ],
    };
}

const FEATURE: Shape = Shape {
    fields: &[always(Text), always(Fixed(INT16)), always(Fixed(INT16))],
    tags: &[],
};

/// Before version 4 a broker would create the topics that it is asked about.
impl Api for MetadataRequest {
    const NAME: &'static str = "Metadata";
    const OLDEST: i16 = 4;
    const SINCE: &'static str = "0.11";
    const ANSWER: Shape = Shape {
        fields: &[
            since(3, Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT32)),
                    always(Text),
                    always(Fixed(INT32)),
                    since(1, Text),
                ],
                tags: &[],
            })),
            since(2, Text),
            since(1, Fixed(INT32)),
            always(List(&METADATA_TOPIC)),
            between(8, 10, Fixed(INT32)),
            since(13, Fixed(INT16)),
        ],
        tags: &[],
    };
}

const METADATA_TOPIC: Shape = Shape {
    fields: &[
        always(Fixed(INT16)),
        always(Text),
        since(10, Fixed(UUID)),
        since(1, Fixed(BOOLEAN)),
        always(List(&Shape {
            fields: &[
                always(Fixed(INT16)),
                always(Fixed(INT32)),
                always(Fixed(INT32)),
                since(7, Fixed(INT32)),
                always(Numbers(INT32)),
                always(Numbers(INT32)),
                since(5, Numbers(INT32)),
            ],
            tags: &[],
        })),
        since(8, Fixed(INT32)),
    ],
    tags: &[],
};

impl Api for DescribeClusterRequest {
    const NAME: &'static str = "DescribeCluster";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "2.8";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(Fixed(INT16)),
            always(Text),
            since(1, Fixed(INT8)),
            always(Text),
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT32)),
                    always(Text),
                    always(Fixed(INT32)),
                    always(Text),
                    since(2, Fixed(BOOLEAN)),
                ],
                tags: &[],
            })),
            always(Fixed(INT32)),
        ],
        tags: &[],
    };
}

/// Version 1 is the first that says where a value comes from.
impl Api for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigs";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "1.1";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    always(Text),
                    always(Fixed(INT8)),
                    always(Text),
                    always(List(&DESCRIBED_CONFIG)),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

const DESCRIBED_CONFIG: Shape = Shape {
    fields: &[
        always(Text),
        always(Text),
        always(Fixed(BOOLEAN)),
        always(Fixed(INT8)),
        always(Fixed(BOOLEAN)),
        always(List(&Shape {
            fields: &[always(Text), always(Text), always(Fixed(INT8))],
            tags: &[],
        })),
        since(3, Fixed(INT8)),
        since(3, Text),
    ],
    tags: &[],
};

impl Api for CreateTopicsRequest {
    const NAME: &'static str = "CreateTopics";
    const OLDEST: i16 = 2;
    const SINCE: &'static str = "0.11";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Text),
                    since(7, Fixed(UUID)),
                    always(Fixed(INT16)),
                    always(Text),
                    since(5, Fixed(INT32)),
                    since(5, Fixed(INT16)),
                    since(5, List(&CREATED_CONFIG)),
                ],
                tags: &[(0, Fixed(INT16))],
            })),
        ],
        tags: &[],
    };
}

const CREATED_CONFIG: Shape = Shape {
    fields: &[
        always(Text),
        always(Text),
        always(Fixed(BOOLEAN)),
        always(Fixed(INT8)),
        always(Fixed(BOOLEAN)),
    ],
    tags: &[],
};

impl Api for CreatePartitionsRequest {
    const NAME: &'static str = "CreatePartitions";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "1.0";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[always(Text), always(Fixed(INT16)), always(Text)],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for IncrementalAlterConfigsRequest {
    const NAME: &'static str = "IncrementalAlterConfigs";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "2.3";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Fixed(INT16)),
                    always(Text),
                    always(Fixed(INT8)),
                    always(Text),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

/// Version 6 is the first that deletes by id. By name it would delete a topic that somebody created
/// anew under the same name meanwhile.
impl Api for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopics";
    const OLDEST: i16 = 6;
    const SINCE: &'static str = "2.8";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Text),
                    since(6, Fixed(UUID)),
                    always(Fixed(INT16)),
                    since(5, Text),
                ],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsets";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "0.10.1";
    const ANSWER: Shape = Shape {
        fields: &[
            since(2, Fixed(INT32)),
            always(List(&Shape {
                fields: &[
                    always(Text),
                    always(List(&Shape {
                        fields: &[
                            always(Fixed(INT32)),
                            always(Fixed(INT16)),
                            always(Fixed(INT64)),
                            always(Fixed(INT64)),
                            since(4, Fixed(INT32)),
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

/// From version 1 on the exchange itself goes over `SaslAuthenticate` instead of bare bytes (KIP-152).
impl Api for SaslHandshakeRequest {
    const NAME: &'static str = "SaslHandshake";
    const OLDEST: i16 = 1;
    const SINCE: &'static str = "1.0";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT16)),
            always(List(&Shape {
                fields: &[always(Text)],
                tags: &[],
            })),
        ],
        tags: &[],
    };
}

impl Api for SaslAuthenticateRequest {
    const NAME: &'static str = "SaslAuthenticate";
    const OLDEST: i16 = 0;
    const SINCE: &'static str = "1.0";
    const ANSWER: Shape = Shape {
        fields: &[
            always(Fixed(INT16)),
            always(Text),
            always(Numbers(INT8)),
            since(1, Fixed(INT64)),
        ],
        tags: &[],
    };
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
