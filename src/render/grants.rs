//! How a right that was missing is granted: the words of Kafka's own `kafka-acls`, ready to be run by
//! whoever administers the cluster. Where no user name says who needs it, that is for them to put in: brokers
//! do not tell a client who it is to them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Header, iam_actions};
use crate::model::{AclOperation, AclResource, RequiredAcl, shell_quoted};

/// What stands for a principal that is not known.
const PRINCIPAL: &str = "PRINCIPAL";

/// What stands above the lines.
const HEADING: &str = "Rights were missing. Whoever administers the cluster grants them with:";

/// What stands above the lines, for who decides on rights here.
pub(super) fn heading(header: &Header) -> &'static str {
    if header.is_of_aws {
        iam_actions::HEADING
    } else {
        HEADING
    }
}

/// So many resources are named in one line; a pattern is better for more.
const NAMED: usize = 20;

/// Resources of one kind, which one line can name together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ResourceKind {
    Cluster,
    Group,
    Topic,
}

/// The line for one right.
pub(super) fn line(right: &RequiredAcl, header: &Header) -> String {
    if header.is_of_aws {
        return iam_actions::line(right);
    }
    let start = start(header, right.operation);
    format!("{start} {}", option(&right.resource))
}

/// The lines under a heading, for where rights are all that there is to say.
///
/// Nothing if none was missing.
pub fn granting(header: &Header, rights: &BTreeSet<RequiredAcl>) -> String {
    if rights.is_empty() {
        return String::new();
    }
    let lines = lines(rights, header)
        .into_iter()
        .map(|line| format!("  {line}\n"));
    format!("{}\n{}", heading(header), lines.collect::<String>())
}

/// As few lines as say it all: one for each operation and kind of resource.
pub(super) fn lines(rights: &BTreeSet<RequiredAcl>, header: &Header) -> Vec<String> {
    if header.is_of_aws {
        return iam_actions::lines(rights);
    }
    let mut together: BTreeMap<(ResourceKind, AclOperation), Vec<&RequiredAcl>> = BTreeMap::new();
    for right in rights {
        let key = (kind(&right.resource), right.operation);
        together.entry(key).or_default().push(right);
    }
    let line = |((_, operation), rights): ((ResourceKind, AclOperation), Vec<&RequiredAcl>)| {
        let named = rights.iter().take(NAMED).map(|right| option(&right.resource));
        let named = named.collect::<Vec<_>>().join(" ");
        let more = match rights.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("  # and {more} more; --resource-pattern-type prefixed covers several"),
        };
        format!("{} {named}{more}", start(header, operation))
    };
    together.into_iter().map(line).collect()
}

fn start(header: &Header, operation: AclOperation) -> String {
    let address = shell_quoted(&header.address);
    let principal = shell_quoted(&format!(
        "User:{}",
        header.principal.as_deref().unwrap_or(PRINCIPAL)
    ));
    format!(
        "kafka-acls --bootstrap-server {address} --add --allow-principal {principal} --operation {operation}"
    )
}

fn kind(resource: &AclResource) -> ResourceKind {
    match resource {
        AclResource::Cluster => ResourceKind::Cluster,
        AclResource::Group(_) => ResourceKind::Group,
        AclResource::Topic(_) => ResourceKind::Topic,
    }
}

fn option(resource: &AclResource) -> String {
    match resource {
        AclResource::Cluster => "--cluster".to_owned(),
        AclResource::Group(group) => format!("--group {}", shell_quoted(group)),
        AclResource::Topic(topic) => format!("--topic {topic}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TopicName;

    fn header() -> Header {
        Header {
            profile: None,
            cluster_id: "c".into(),
            address: "b1:9092,b2:9092".into(),
            principal: None,
            is_of_aws: false,
            health: crate::model::ClusterHealth::default(),
        }
    }

    /// IAM has its own words for each of them.
    #[test]
    fn with_iam_the_action_of_the_policy_is_named() {
        let header = Header {
            is_of_aws: true,
            ..header()
        };
        let rights = BTreeSet::from([
            RequiredAcl::on_topic(AclOperation::AlterConfigs, &topic("b")),
            RequiredAcl::on_topic(AclOperation::AlterConfigs, &topic("a")),
            RequiredAcl::on_group(AclOperation::Describe, "g"),
            RequiredAcl::on_cluster(AclOperation::Describe),
        ]);
        insta::assert_snapshot!(granting(&header, &rights), @"
        Rights were missing. The principal's IAM policy grants them with:
          kafka-cluster:AlterTopicDynamicConfiguration on topic a, topic b
          kafka-cluster:DescribeCluster on the cluster
          kafka-cluster:DescribeGroup on group g
        ");
    }

    fn topic(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    #[test]
    fn one_line_grants_an_operation_on_all_that_need_it() {
        let rights = BTreeSet::from([
            RequiredAcl::on_topic(AclOperation::Alter, &topic("b")),
            RequiredAcl::on_topic(AclOperation::Alter, &topic("a")),
            RequiredAcl::on_topic(AclOperation::Describe, &topic("a")),
            RequiredAcl::on_cluster(AclOperation::DescribeConfigs),
        ]);
        let start = "kafka-acls --bootstrap-server b1:9092,b2:9092 --add --allow-principal User:PRINCIPAL";
        assert_eq!(
            lines(&rights, &header()),
            [
                format!("{start} --operation DescribeConfigs --cluster"),
                format!("{start} --operation Describe --topic a"),
                format!("{start} --operation Alter --topic a --topic b"),
            ]
        );
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let name = |index: usize| topic(&format!("t{index:02}"));
        let rights = (0..NAMED + 2).map(|index| RequiredAcl::on_topic(AclOperation::Alter, &name(index)));
        let [line] = &lines(&rights.collect(), &header())[..] else {
            panic!("one line");
        };
        let end = "--topic t19  # and 2 more; --resource-pattern-type prefixed covers several";
        assert!(line.ends_with(end), "{line}");
    }

    #[test]
    fn a_principal_is_named_where_it_is_known() {
        let header = Header {
            principal: Some("o'brien, a".into()),
            is_of_aws: false,
            ..header()
        };
        let line = line(&RequiredAcl::on_cluster(AclOperation::Alter), &header);
        assert!(
            line.contains(r"--allow-principal 'User:o'\''brien, a' --operation"),
            "{line}"
        );
    }

    #[test]
    fn a_groups_name_is_no_command() {
        let right = RequiredAcl {
            operation: AclOperation::Describe,
            resource: AclResource::Group("it's; rm -rf $HOME\n".into()),
        };
        let line = line(&right, &header());
        assert!(line.ends_with(r"--group 'it'\''s; rm -rf $HOME '"), "{line}");
    }
}
