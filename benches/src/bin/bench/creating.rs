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

/// Each side creates, and has its topics deleted, in every round; who begins changes.
pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Creation> {
    eprintln!(
        "creating {} topics {} times",
        arguments.create, arguments.create_rounds
    );
    let (mut applied, mut bare) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + arguments.create_rounds {
        let by_topicctl = || by_topicctl(setting, round, arguments.create);
        let by_floor = || by_floor(setting, round, arguments.create);
        let (one, other) = if round % 2 == 0 {
            let one = by_topicctl()?;
            (one, by_floor()?)
        } else {
            let other = by_floor()?;
            (by_topicctl()?, other)
        };
        if round >= WARM_UP {
            applied.push(one);
            bare.push(other);
        }
    }
    let times = |value: fn(&Applied) -> f64| Times::of(applied.iter().map(value).collect());
    let acknowledged = times(|apply| apply.acknowledged_ms);
    let done_after_visible = times(Applied::done_after_visible_ms);
    let bare = Sample::of(&bare);
    let aims = vec![
        aims::near_bare_create(acknowledged.median_ms, bare.wall.median_ms),
        aims::notices(done_after_visible.median_ms),
    ];
    Ok(Creation {
        topics: arguments.create,
        acknowledged,
        visible: times(|apply| apply.visible_ms),
        done: times(|apply| apply.done_ms),
        done_after_visible,
        bare,
        applied,
        aims,
    })
}

fn by_topicctl(setting: &Setting, round: u16, count: usize) -> Result<Applied> {
    let names = workload::names(&setting.prefix(&format!("apply-{round}")), count);
    let applied = applying::apply(setting, &names)?;
    setting.clear(&names)?;
    Ok(applied)
}

fn by_floor(setting: &Setting, round: u16, count: usize) -> Result<Usage> {
    let prefix = setting.prefix(&format!("bare-{round}"));
    let names = workload::names(&prefix, count);
    let (count, replication) = (count.to_string(), setting.replication.to_string());
    let words = ["create", &setting.bootstrap, &prefix, &count, &replication];
    // Watched like the other side, so that both share the brokers with the same watcher.
    let (finished, _) = applying::watched(setting, &names, || process::own(setting, "bare", &words))?;
    setting.clear(&names)?;
    Ok(finished.usage)
}
