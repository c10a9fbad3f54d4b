//! The floor as a program: `bare read BOOTSTRAP PREFIX COUNT`, or `bare create BOOTSTRAP PREFIX COUNT
//! REPLICATION brief|full`, where the last word is about the answer.

use std::env;

use anyhow::{Result, bail};
use topicctl_benches::bare::{self, Answer};
use topicctl_benches::{loopback, workload};

const USAGE: &str =
    "usage: bare read BOOTSTRAP PREFIX COUNT | bare create BOOTSTRAP PREFIX COUNT REPLICATION brief|full";

fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["read", bootstrap, prefix, count] => {
            let names = workload::names(prefix, count.parse()?);
            let answers = bare::read(&loopback::addresses(bootstrap)?, &names)?;
            println!("{} {}", answers.topics, answers.configs);
        }
        ["create", bootstrap, prefix, count, replication, answer] => {
            let names = workload::names(prefix, count.parse()?);
            let answer = answer_called(answer)?;
            bare::create(
                &loopback::addresses(bootstrap)?,
                &names,
                replication.parse()?,
                answer,
            )?;
        }
        _ => bail!(USAGE),
    }
    Ok(())
}

fn answer_called(name: &str) -> Result<Answer> {
    match name {
        "brief" => Ok(Answer::Brief),
        "full" => Ok(Answer::Full),
        _ => bail!(USAGE),
    }
}
