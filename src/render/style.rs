//! Colour, decided once for the whole run and handed to every renderer.

use std::fmt::Display;

use anstyle::{AnsiColor, Color, Style as Ansi};

/// Whether output is coloured. Without colour nothing but the text itself is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// ANSI colours.
    Colored,
}

/// The roles that text can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextRole {
    Strong,
    Faint,
    Good,
    Care,
    Danger,
}

impl Style {
    /// What every error begins with.
    pub fn error_label(self) -> String {
        self.paint(TextRole::Danger, "error:")
    }

    /// `text` in the colour of its role.
    pub(super) fn paint(self, role: TextRole, text: impl Display) -> String {
        match self {
            Self::Plain => text.to_string(),
            Self::Colored => {
                let ansi = role.ansi();
                format!("{ansi}{text}{ansi:#}")
            }
        }
    }
}

impl TextRole {
    fn ansi(self) -> Ansi {
        let color = |color| Ansi::new().fg_color(Some(Color::Ansi(color)));
        match self {
            Self::Strong => Ansi::new().bold(),
            Self::Faint => Ansi::new().dimmed(),
            Self::Good => color(AnsiColor::Green),
            Self::Care => color(AnsiColor::Yellow),
            Self::Danger => color(AnsiColor::Red).bold(),
        }
    }
}
