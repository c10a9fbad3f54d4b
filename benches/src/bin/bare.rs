//! The floor as a program: `bare read BOOTSTRAP PREFIX COUNT`, or `bare create BOOTSTRAP PREFIX
//! COUNT REPLICATION`.

use std::env;

use anyhow::{Result, bail};
use topicctl_benches::{bare, loopback, workload};

fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["read", bootstrap, prefix, count] => {
            let names = workload::names(prefix, count.parse()?);
            let answers = bare::read(&loopback::addresses(bootstrap)?, &names)?;
            println!("{} {}", answers.topics, answers.configs);
        }
        ["create", bootstrap, prefix, count, replication] => {
            let names = workload::names(prefix, count.parse()?);
            bare::create(&loopback::addresses(bootstrap)?, &names, replication.parse()?)?;
        }
        _ => {
            bail!("usage: bare read BOOTSTRAP PREFIX COUNT | bare create BOOTSTRAP PREFIX COUNT REPLICATION")
        }
    }
    Ok(())
}
