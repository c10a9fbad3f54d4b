//! Asks the person at the terminal.

use tokio::io::{AsyncBufReadExt, BufReader};

use super::{Failure, Shell};
use crate::plan::TotalLoss;
use crate::render;

/// What a yes covers, and what goes with it because a flag allowed that: both are decided by the same word.
pub(super) fn question(careful: usize, loss: Option<TotalLoss>) -> String {
    let topics = if careful == 1 {
        "1 topic needs".to_owned()
    } else {
        format!("{careful} topics need")
    };
    let loss = loss.map_or_else(String::new, |loss| {
        format!(" In total {}.", render::total_loss(loss))
    });
    format!("{topics} confirmation (see above).{loss} Apply the plan? Only `yes` continues: ")
}

/// Whether the answer is `yes`. The end of input is a no.
pub(super) async fn ask(question: &str, shell: &mut Shell<'_>) -> Result<bool, Failure> {
    write!(shell.err, "{question}")?;
    shell.err.flush()?;
    let mut answer = String::new();
    BufReader::new(tokio::io::stdin()).read_line(&mut answer).await?;
    Ok(answer.trim() == "yes")
}
