//! What tests measure on the way, for whoever runs them with `--nocapture`.

/// Shows a table of figures.
#[expect(
    clippy::print_stdout,
    reason = "the harness keeps it unless somebody asks for it"
)]
pub(crate) fn show(table: &str) {
    println!("{table}");
}
