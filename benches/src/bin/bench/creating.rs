//! `topicctl apply` of new topics against a bare batched create of the same, in turns.

use anyhow::Result;
use topicctl_benches::usage::Usage;
use topicctl_benches::workload;

use crate::aims;
use crate::applying::{self, Applied};
use crate::arguments::Arguments;
use crate::process;
use crate::results::Creation;
use crate::sample::{Sample, Times};
use crate::setting::Setting;

/// Rounds before the first that counts: the brokers' compilers have to see the requests.
const WARM_UP: u16 = 2;

/// Who creates, in the order of the first round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Creator {
    Topicctl,
    /// Asks for the shortest answer that says whether it worked.
    Floor,
    /// The same, with the answer that brokers give to a client of today.
    FloorInFull,
}

const CREATORS: [Creator; 3] = [Creator::Topicctl, Creator::Floor, Creator::FloorInFull];

#[derive(Default)]
struct Rounds {
    topicctl: Vec<Applied>,
    floor: Vec<Usage>,
    floor_in_full: Vec<Usage>,
}

/// Each creates, and has its topics deleted, in every round; who begins changes.
pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Creation> {
    eprintln!(
        "creating {} topics {} times",
        arguments.create, arguments.create_rounds
    );
    let mut warm_up = Rounds::default();
    let mut rounds = Rounds::default();
    for round in 0..WARM_UP + arguments.create_rounds {
        let kept = if round < WARM_UP {
            &mut warm_up
        } else {
            &mut rounds
        };
        eprintln!("creating {} topics, round {}", arguments.create, round + 1);
        for turn in 0..CREATORS.len() {
            let creator = CREATORS[(turn + usize::from(round)) % CREATORS.len()];
            kept.run(setting, creator, round, arguments.create)?;
        }
    }
    Ok(rounds.summary(arguments.create))
}

impl Rounds {
    fn run(&mut self, setting: &Setting, creator: Creator, round: u16, count: usize) -> Result<()> {
        let prefix = setting.prefix(&format!("{creator:?}-{round}"));
        let names = workload::names(&prefix, count);
        match creator {
            Creator::Topicctl => self.topicctl.push(applying::apply(setting, &names)?),
            Creator::Floor => self.floor.push(bare(setting, &prefix, &names, "brief")?),
            Creator::FloorInFull => self.floor_in_full.push(bare(setting, &prefix, &names, "full")?),
        }
        setting.clear(&names)
    }

    fn summary(self, topics: usize) -> Creation {
        let times = |value: fn(&Applied) -> f64| Times::of(self.topicctl.iter().map(value).collect());
        let acknowledged = times(|apply| apply.acknowledged_ms);
        let done_after_visible = times(Applied::done_after_visible_ms);
        let floor = Sample::of(&self.floor);
        let aims = vec![
            aims::near_bare_create(acknowledged.median_ms, floor.wall.median_ms),
            aims::notices(done_after_visible.median_ms),
        ];
        Creation {
            topics,
            acknowledged,
            visible: times(|apply| apply.visible_ms),
            done: times(|apply| apply.done_ms),
            done_after_visible,
            floor,
            floor_in_full: Sample::of(&self.floor_in_full),
            applied: self.topicctl,
            aims,
        }
    }
}

/// Watched like topicctl, so that both share the brokers with the same watcher.
fn bare(setting: &Setting, prefix: &str, names: &[String], answer: &str) -> Result<Usage> {
    let (count, replication) = (names.len().to_string(), setting.replication.to_string());
    let words = ["create", &setting.bootstrap, prefix, &count, &replication, answer];
    let (finished, _) = applying::watched(setting, names, || process::own(setting, "bare", &words))?;
    Ok(finished.usage)
}
