//! Patterns of flags that match nothing. Not an error: what a setup script prunes is gone the second time. But
//! somebody who mistyped one waits for something that does not come.

use super::Shell;
use crate::model::{Pattern, TopicName, printable};
use crate::plan::Plan;

/// Says of each pattern of a flag that no topic of the plan matches it.
pub(super) fn report_unmatched(flag: &str, patterns: &[Pattern], plan: &Plan, shell: &mut Shell<'_>) {
    for pattern in patterns {
        if let Some(said) = said(flag, pattern, plan.topics.keys()) {
            shell.message(&said);
        }
    }
}

fn said<'n>(
    flag: &str,
    pattern: &Pattern,
    names: impl Iterator<Item = &'n TopicName> + Clone,
) -> Option<String> {
    if names.clone().any(|name| pattern.matches(name.as_str())) {
        return None;
    }
    // The name in the file, without the prefix of the profile.
    let meant = names.into_iter().find(|name| {
        let short = name.as_str().strip_suffix(pattern.as_str());
        short.is_some_and(|prefix| !prefix.is_empty())
    });
    let hint = match meant {
        Some(name) => format!("; did you mean `{name}`?"),
        None => "; patterns are of full names".to_owned(),
    };
    Some(format!(
        "note: {flag} {} matches no topic of the plan{hint}",
        printable(pattern.as_str())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_matches_nothing_is_said_with_what_was_meant() {
        let names = [
            TopicName::new("dev.orders").unwrap(),
            TopicName::new("dev.audit").unwrap(),
        ];
        let said = |pattern: &str| said("--prune", &Pattern::new(pattern), names.iter());
        assert_eq!(said("dev.*"), None);
        assert_eq!(
            said("orders").unwrap(),
            "note: --prune orders matches no topic of the plan; did you mean `dev.orders`?"
        );
        assert_eq!(
            said("dve.*").unwrap(),
            "note: --prune dve.* matches no topic of the plan; patterns are of full names"
        );
    }
}
