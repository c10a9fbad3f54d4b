//! stub
#![allow(missing_docs, unused, clippy::all, clippy::pedantic)]
use super::*;
use std::io::{self, Write};
pub fn plan(out: &mut dyn Write, h: &Header, p: &crate::plan::Plan) -> io::Result<()> {
    Ok(())
}
pub fn report(
    out: &mut dyn Write,
    h: &Header,
    p: &crate::plan::Plan,
    r: &crate::apply::Report,
    b: Option<&crate::plan::gate::Blocked>,
) -> io::Result<()> {
    Ok(())
}
pub fn description(out: &mut dyn Write, h: &Header, d: &Description) -> io::Result<()> {
    Ok(())
}
pub fn validation(
    out: &mut dyn Write,
    c: Result<&crate::manifest::Checked, &crate::manifest::Problems>,
) -> io::Result<()> {
    Ok(())
}
