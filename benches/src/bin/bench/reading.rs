//! A diff with nothing to do against the floor and against rdkafka: whole cold processes, in turns.

use std::ffi::OsStr;

use anyhow::{Context, Result, ensure};
use topicctl_benches::usage::Usage;
use topicctl_benches::workload;

use crate::aims;
use crate::applying;
use crate::arguments::Arguments;
use crate::process::{self, Finished};
use crate::results::Read;
use crate::sample::Sample;
use crate::setting::Setting;

/// Rounds before the first that counts: the brokers' compilers have to see the requests.
const WARM_UP: u16 = 3;

/// From here on rdkafka's own start, which is long, does not decide any more.
const ENOUGH_FOR_RDKAFKA: usize = 100;

/// The aim for memory is stated for so many topics.
const ENOUGH_FOR_MEMORY: usize = 10_000;

/// The programs that read the same, in the order of the first round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Topicctl,
    Floor,
    Rdkafka,
}

const READERS: [Reader; 3] = [Reader::Topicctl, Reader::Floor, Reader::Rdkafka];

/// Creates so many topics, has them read in turns, and deletes them.
pub(crate) fn measure(setting: &Setting, count: usize, arguments: &Arguments) -> Result<Read> {
    let prefix = setting.prefix(&count.to_string());
    let names = workload::names(&prefix, count);
    eprintln!("{count} topics: creating them");
    let apply = applying::apply(setting, &names)?;
    eprintln!("{count} topics: {apply}; reading them {} times", arguments.rounds);
    let manifest = applying::declare(setting, &names)?;
    let read = |reader| reader_run(setting, reader, manifest.as_os_str(), &prefix, count);
    let expected = figure(&read(Reader::Floor)?)?;
    let mut costs: [Vec<Usage>; 3] = Default::default();
    for round in 0..WARM_UP + arguments.rounds {
        for turn in 0..READERS.len() {
            // Each of them is first as often as the others.
            let place = (turn + usize::from(round)) % READERS.len();
            let reader = READERS[place];
            let finished = read(reader)?;
            let complete = reader == Reader::Topicctl || figure(&finished)? == expected;
            ensure!(
                complete,
                "{reader:?} read {:?}, not {expected:?}",
                finished.stdout
            );
            if round >= WARM_UP {
                costs[place].push(finished.usage);
            }
        }
    }
    let counted = process::topicctl(setting, "diff", manifest.as_os_str(), &["-v"])?;
    eprintln!("{count} topics: deleting them");
    setting.clear(&names)?;
    let [topicctl, floor, rdkafka] = costs.map(|rounds| Sample::of(&rounds));
    let mut aims = vec![aims::near_floor(topicctl.wall.median_ms, floor.wall.median_ms)];
    if count >= ENOUGH_FOR_RDKAFKA {
        aims.push(aims::half_of_rdkafka(
            topicctl.wall.median_ms,
            rdkafka.wall.median_ms,
        ));
    }
    if count >= ENOUGH_FOR_MEMORY {
        aims.push(aims::small(topicctl.peak_bytes));
    }
    Ok(Read {
        topics: count,
        configs: expected.1,
        topicctl,
        floor,
        rdkafka,
        requests: applying::requests(&counted.stderr)?,
        apply,
        aims,
    })
}

/// `topicctl diff` says by exit code 0 that it has read everything and found nothing to do.
fn reader_run(
    setting: &Setting,
    reader: Reader,
    manifest: &OsStr,
    prefix: &str,
    count: usize,
) -> Result<Finished> {
    match reader {
        Reader::Topicctl => process::topicctl(setting, "diff", manifest, &[]),
        Reader::Floor => {
            let count = count.to_string();
            process::own(setting, "bare", &["read", &setting.bootstrap, prefix, &count])
        }
        Reader::Rdkafka => process::own(setting, "through-rdkafka", &[&setting.bootstrap, prefix]),
    }
}

/// How many topics and configs a reader says it has read.
fn figure(finished: &Finished) -> Result<(usize, usize)> {
    let said = finished.stdout.trim().split_once(' ');
    let (topics, configs) = said.context("a reader does not say what it has read")?;
    Ok((topics.parse()?, configs.parse()?))
}
