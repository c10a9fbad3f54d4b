//! Measures topicctl against the least that the work can cost and against rdkafka, on a Kafka that
//! is running. Prints a Markdown report; JSON with every single round goes to a file.
//!
//! One file a matter: `arguments` what can be typed, `machine` where it was measured, `process` cold
//! processes and their cost, `reading` and `creating` the two measurements on top of `applying`,
//! `sample` what many rounds come to, `results` and `aims` what is reported, `markdown` how.

mod aims;
mod applying;
mod arguments;
mod creating;
mod machine;
mod markdown;
mod process;
mod reading;
mod results;
mod sample;
mod setting;

use std::fs;
use std::io;

use anyhow::{Context, Result};
use clap::Parser;

use self::arguments::Arguments;
use self::results::Results;
use self::setting::Setting;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let setting = Setting::new(&arguments)?;
    let mut results = Results::new(
        machine::here()?,
        machine::kafka(&setting, &arguments)?,
        &arguments,
    );
    setting.refuse_company()?;
    if !arguments.skip_create {
        results.creation = Some(creating::measure(&setting, &arguments)?);
    }
    if !arguments.skip_read {
        for count in &arguments.topics {
            results
                .reads
                .push(reading::measure(&setting, *count, &arguments)?);
        }
    }
    if let Some(path) = &arguments.json {
        let json = serde_json::to_string_pretty(&results)?;
        fs::write(path, json + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    markdown::write(&mut io::stdout().lock(), &results)?;
    Ok(())
}
