//! Text of others in every sample, in the place of each text that others write.

use std::cell::RefCell;

use crate::model::printable;

thread_local! {
    static WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs with this text in front of every text of others.
pub(in super::super) fn with_foreign<T>(words: &str, run: impl FnOnce() -> T) -> T {
    WORDS.set(Some(words.to_owned()));
    let done = run();
    WORDS.set(None);
    done
}

/// What others wrote and the program holds as it is: values of configs, names of groups, contents of records.
pub(super) fn raw(ordinary: &str) -> String {
    WORDS.with_borrow(|words| match words {
        Some(words) => format!("{words}{ordinary}"),
        None => ordinary.to_owned(),
    })
}

/// What others wrote and was made printable when it came in: what brokers say.
pub(super) fn said(ordinary: &str) -> String {
    printable(&raw(ordinary)).into_owned()
}
