//! The same read through rdkafka's `AdminClient`: `through-rdkafka BOOTSTRAP PREFIX`. Metadata of all
//! topics, since it has no other call, then the configs of those with the prefix.

use std::env;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;

const TIMEOUT: Duration = Duration::from_mins(2);

fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [bootstrap, prefix] = &words[..] else {
        bail!("usage: through-rdkafka BOOTSTRAP PREFIX");
    };
    topicctl_benches::loopback::addresses(bootstrap)?;
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
    let metadata = admin.inner().fetch_metadata(None, TIMEOUT)?;
    let topics = metadata
        .topics()
        .iter()
        .filter(|topic| topic.name().starts_with(prefix));
    let resources: Vec<ResourceSpecifier<'_>> = topics
        .map(|topic| ResourceSpecifier::Topic(topic.name()))
        .collect();
    let options = AdminOptions::new().request_timeout(Some(TIMEOUT));
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let answers = runtime.block_on(admin.describe_configs(&resources, &options))?;
    let mut configs = 0;
    for answer in &answers {
        configs += answer
            .as_ref()
            .ok()
            .context("no configs of a topic")?
            .entries
            .len();
    }
    println!("{} {configs}", answers.len());
    Ok(())
}
