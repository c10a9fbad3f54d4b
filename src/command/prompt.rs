//! Asks the person at the terminal.

use tokio::io::{AsyncBufReadExt, BufReader};

use super::{Failure, Shell};

pub(super) fn question(careful: usize) -> String {
    let topics = if careful == 1 {
        "1 topic needs".to_owned()
    } else {
        format!("{careful} topics need")
    };
    format!("{topics} care (see above). Apply the plan? Only `yes` goes on: ")
}

/// Whether the answer is `yes`. The end of input is a no.
pub(super) async fn ask(question: &str, shell: &mut Shell<'_>) -> Result<bool, Failure> {
    write!(shell.err, "{question}")?;
    shell.err.flush()?;
    let mut answer = String::new();
    BufReader::new(tokio::io::stdin()).read_line(&mut answer).await?;
    Ok(answer.trim() == "yes")
}
