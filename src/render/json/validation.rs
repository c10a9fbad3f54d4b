//! The document of `validate`.

use schemars::JsonSchema;
use serde::Serialize;

use super::value::PlaceJson;
use super::{Each, ValidationFormat, Version};
use crate::manifest::{self, Checked, Excerpt, Problems, Variable};

/// What can be said of the files without a cluster. Written by `topicctl validate --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Validation", title = "topicctl validation", deny_unknown_fields)]
pub(super) struct ValidationJson<'a, T> {
    /// What kind of document this is.
    format: ValidationFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The verdict; stands for the exit code.
    status: Status,
    /// The profile that was checked; null without profiles, and where the files are invalid.
    profile: Option<&'a str>,
    /// How much there is of what.
    summary: Summary,
    /// The variables of the environment that the profile and the topics read; empty where the files
    /// are invalid.
    variables: Vec<EnvironmentVariable<'a>>,
    /// Everything that is wrong or odd, in the order of the text.
    problems: T,
}

/// The document, its problems made one by one while they are written.
pub(super) fn document<'a>(checked: Result<&'a Checked, &'a Problems>) -> ValidationJson<'a, impl Serialize> {
    let (status, valid, problems) = match checked {
        Ok(checked) => (Status::Valid, Some(checked), &checked.warnings),
        Err(problems) => (Status::Invalid, None, problems),
    };
    let variables = valid.map_or(&[][..], |checked| &checked.variables);
    ValidationJson {
        format: ValidationFormat::Validation,
        version: Version::One,
        status,
        profile: valid.and_then(|checked| checked.profile.as_deref()),
        summary: Summary::of_problems(valid, problems),
        variables: variables.iter().map(Into::into).collect(),
        problems: Each(problems.problems.iter().map(ProblemJson::from)),
    }
}

/// The verdict on the files.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ValidationStatus")]
enum Status {
    /// Nothing is wrong; there may be warnings. Exit code 0.
    Valid,
    /// Something has to be mended. Exit code 1.
    Invalid,
}

/// How much there is of what.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ValidationSummary", deny_unknown_fields)]
struct Summary {
    /// How many topics are declared; null where the files are invalid.
    topics: Option<usize>,
    /// Problems that have to be mended.
    errors: usize,
    /// Problems that do not stop a run.
    warnings: usize,
    /// Problems beyond those that are listed.
    omitted: usize,
}

impl Summary {
    fn of_problems(valid: Option<&Checked>, problems: &Problems) -> Self {
        Self {
            topics: valid.map(|checked| checked.topics),
            errors: problems.count(manifest::Severity::Error),
            warnings: problems.count(manifest::Severity::Warning),
            omitted: problems.omitted,
        }
    }
}

/// A variable of the environment that the files read. Its value is never told.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct EnvironmentVariable<'a> {
    /// Its name.
    name: &'a str,
    /// Whether it has to be set, since some place reads it without a default.
    required: bool,
    /// Where it is read.
    places: Vec<PlaceJson<'a>>,
}

impl<'a> From<&'a Variable> for EnvironmentVariable<'a> {
    fn from(variable: &'a Variable) -> Self {
        Self {
            name: &variable.name,
            required: variable.required,
            places: variable.places.iter().map(Into::into).collect(),
        }
    }
}

/// One thing that is wrong or odd.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem", deny_unknown_fields)]
pub(super) struct ProblemJson<'a> {
    /// Whether it stops a run.
    severity: SeverityJson,
    /// The file or folder as the user named it.
    file: &'a str,
    /// Line, from 1; null where the problem concerns the whole file.
    #[schemars(range(min = 1))]
    line: Option<u32>,
    /// Column in characters, from 1; null where the problem concerns the whole file.
    #[schemars(range(min = 1))]
    column: Option<u32>,
    /// What is wrong, as a sentence without its full stop.
    message: &'a str,
    /// The offending line; null where there is none or it is withheld.
    text: Option<&'a str>,
    /// Why the line is not told, since it could hold a secret; null where nothing is withheld.
    withheld: Option<WithheldJson>,
    /// Other places that belong to it.
    related: Vec<RelatedJson<'a>>,
    /// What to do about it; null where nobody knows better than the user.
    suggestion: Option<&'a str>,
}

impl<'a> From<&'a manifest::Problem> for ProblemJson<'a> {
    fn from(problem: &'a manifest::Problem) -> Self {
        let place = problem.location.place();
        let (text, withheld) = match &problem.excerpt {
            Excerpt::None => (None, None),
            Excerpt::Line(line) => (Some(line.as_str()), None),
            Excerpt::Withheld(why) => (None, Some((*why).into())),
        };
        Self {
            severity: problem.severity.into(),
            file: problem.location.file(),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            message: &problem.message,
            text,
            withheld,
            related: problem.related.iter().map(Into::into).collect(),
            suggestion: problem.suggestion.as_deref(),
        }
    }
}

/// Whether a problem stops a run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Severity")]
enum SeverityJson {
    /// Nothing is done until it is mended.
    Error,
    /// It is said, and the run goes on.
    Warning,
}

impl From<manifest::Severity> for SeverityJson {
    fn from(severity: manifest::Severity) -> Self {
        match severity {
            manifest::Severity::Error => Self::Error,
            manifest::Severity::Warning => Self::Warning,
        }
    }
}

/// Why a line is not told.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Withheld")]
enum WithheldJson {
    /// It is under a `client` block.
    Client,
    /// It names a password, secret, token, jaas or key.
    NamesSecret,
    /// The file cannot be parsed, and somewhere it holds one of the above.
    Unparsed,
}

impl From<manifest::Withheld> for WithheldJson {
    fn from(why: manifest::Withheld) -> Self {
        match why {
            manifest::Withheld::Client => Self::Client,
            manifest::Withheld::NamesSecret => Self::NamesSecret,
            manifest::Withheld::Unparsed => Self::Unparsed,
        }
    }
}

/// Another place that belongs to a problem.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Related", deny_unknown_fields)]
struct RelatedJson<'a> {
    /// What is there, to be followed by the place: "first declared at".
    label: &'a str,
    /// The place.
    place: PlaceJson<'a>,
}

impl<'a> From<&'a manifest::Related> for RelatedJson<'a> {
    fn from(related: &'a manifest::Related) -> Self {
        Self {
            label: related.label,
            place: (&related.place).into(),
        }
    }
}
