//! `inlay import`: a file of this machine into a table, as the person that is named, by the same door as in a browser.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use engine::catalog::Directory;
use engine::{Engine, Source};
use model::{AccessMode, ImportEvent, ImportFormat, ImportOutcome, ImportRequest, LookAnswer, LookRequest, Mapping, Principal};
use tokio::sync::mpsc;

use crate::access;
use crate::cli::{counted, open, told};
use crate::config::Config;

#[derive(Debug, Args)]
pub struct Import {
    /// A CSV or XLSX file.
    file: PathBuf,
    #[arg(long)]
    workbook: String,
    /// Name of the input table.
    #[arg(long)]
    table: String,
    /// `sub` of the ticket of the person in whose name it is loaded, with his rights.
    #[arg(long)]
    user: String,
    #[arg(long)]
    tenant: String,
    /// `iss` of his ticket; the first issuer of inlay.toml if it is not given.
    #[arg(long)]
    issuer: Option<String>,
    /// May be given several times.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// `name=value`, the value as JSON or as plain text; may be given several times.
    #[arg(long = "attr")]
    attributes: Vec<String>,
    /// `NAME IN THE FILE=column`, or a column's number in the file in place of its name, nothing behind the sign to leave it out; all
    /// others go where their names say. May be given several times.
    #[arg(long = "map")]
    maps: Vec<String>,
    /// A column that a line and the row that it changes have alike, where people add the table's rows; may be given several times.
    #[arg(long = "match")]
    matched: Vec<String>,
    /// Such as `windows-1252`; found out if it is not given, and so are the others.
    #[arg(long)]
    encoding: Option<String>,
    #[arg(long)]
    delimiter: Option<char>,
    /// How numbers and dates are written, such as `de-DE`.
    #[arg(long)]
    locale: Option<String>,
    #[arg(long)]
    sheet: Option<String>,
    /// The first line has no names.
    #[arg(long)]
    no_header: bool,
    /// Only say what would become of it.
    #[arg(long = "try")]
    trial: bool,
    /// Where lines that are refused are written, with why.
    #[arg(long)]
    refused: Option<PathBuf>,
    /// Loads the same file once, however often it is run.
    #[arg(long)]
    batch: Option<String>,
    /// Why, for the log.
    #[arg(long)]
    reason: Option<String>,
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

impl Import {
    /// # Errors
    /// In words; nothing is loaded then.
    pub async fn run(self) -> Result<(), String> {
        let config = Config::read(&self.folder)?;
        let warehouse = open(&config).await?;
        let engine = Engine::open(warehouse.clone(), &Directory(config.workbooks_folder())).await.map_err(|m| told(&m))?;
        let done = self.load(&engine, &config).await;
        warehouse.close().await;
        let outcome = done?;
        println!("{}", said(&outcome));
        for reason in &outcome.reasons {
            let column = reason.why.column.as_ref().map(|column| format!("{column}: ")).unwrap_or_default();
            println!("  {} × {column}{}", reason.lines, reason.why.message);
        }
        Ok(())
    }

    async fn load(&self, engine: &std::sync::Arc<Engine>, config: &Config) -> Result<ImportOutcome, String> {
        let file = || File::open(&self.file).map_err(|error| format!("{}: {error}", self.file.display()));
        let principal = self.principal(config)?;
        let mut look = LookRequest {
            workbook: self.workbook.clone(),
            table: self.table.clone(),
            upload: String::new(),
            name: self.file.display().to_string(),
            locale: self.locale.clone().unwrap_or_else(|| "en-US".into()),
            format: None,
        };
        let refused = |error: engine::EngineError| error.to_api().to_string();
        let mut seen = engine.look_into_file(&principal, &look, file()?).await.map_err(refused)?;
        let format = self.format(&seen.format);
        if format != seen.format {
            look.format = Some(format);
            seen = engine.look_into_file(&principal, &look, file()?).await.map_err(refused)?;
        }
        let request = ImportRequest {
            workbook: self.workbook.clone(),
            table: self.table.clone(),
            batch_id: self.batch.clone().unwrap_or_else(|| format!("import-{}", hex::encode(rand::random::<[u8; 8]>()))),
            upload: String::new(),
            mapping: self.mapping(&seen)?,
            names: seen.columns.iter().map(|column| column.name.clone()).collect(),
            format: seen.format,
            language: "en".into(),
            trial: self.trial,
            as_of: None,
            reason: self.reason.clone(),
        };
        let (sender, mut events) = mpsc::channel(16);
        let mut out = self.refused.as_ref().map(File::create).transpose().map_err(|error| error.to_string())?;
        let telling = async move {
            let shows = std::io::IsTerminal::is_terminal(&std::io::stderr());
            while let Some(event) = events.recv().await {
                match (event, &mut out) {
                    (ImportEvent::Refused { csv }, Some(out)) => out.write_all(csv.as_bytes())?,
                    (ImportEvent::Progress { lines, bytes, of }, _) if shows => {
                        eprint!("\r{lines} lines, {} %", (bytes * 100).checked_div(of).unwrap_or(100));
                    }
                    _ => {}
                }
            }
            if shows {
                eprintln!();
            }
            Ok::<(), std::io::Error>(())
        };
        let source = Source::File(file()?);
        let loading = engine.import(&principal, &request, (source, sender), &request.batch_id);
        let (outcome, told) = futures::future::join(loading, telling).await;
        let outcome = outcome.map_err(refused)?;
        told.map_err(|error| format!("it is loaded, but what was refused could not be written: {error}"))?;
        Ok(outcome)
    }

    fn principal(&self, config: &Config) -> Result<Principal, String> {
        let first = || config.issuers.first().map(|issuer| issuer.name.clone());
        Ok(Principal {
            issuer: self.issuer.clone().or_else(first).ok_or("inlay.toml has no issuer: say --issuer")?,
            tenant: self.tenant.clone(),
            user: self.user.clone(),
            name: self.user.clone(),
            roles: self.roles.clone(),
            attributes: self.attributes.iter().map(|text| access::attribute(text)).collect(),
            workbooks: vec![self.workbook.clone()],
            mode: AccessMode::Edit,
            inspects: false,
            filters: BTreeMap::new(),
        })
    }

    fn format(&self, guessed: &ImportFormat) -> ImportFormat {
        ImportFormat {
            kind: guessed.kind,
            encoding: self.encoding.clone().unwrap_or_else(|| guessed.encoding.clone()),
            delimiter: self.delimiter.or(guessed.delimiter),
            header: guessed.header && !self.no_header,
            locale: self.locale.clone().unwrap_or_else(|| guessed.locale.clone()),
            sheet: self.sheet.clone().or_else(|| guessed.sheet.clone()),
        }
    }

    fn mapping(&self, seen: &LookAnswer) -> Result<Mapping, String> {
        let mut columns = seen.mapping.columns.clone();
        for map in &self.maps {
            let (from, to) = map.rsplit_once('=').ok_or_else(|| format!("--map {map}: expected NAME=column"))?;
            let numbered = || from.parse::<usize>().ok()?.checked_sub(1).filter(|place| *place < columns.len());
            let place = seen.columns.iter().position(|column| column.name == from).or_else(numbered);
            let place = place.ok_or_else(|| format!("--map {map}: the file has no column “{from}”"))?;
            columns[place] = (!to.is_empty()).then(|| to.to_owned());
        }
        let matched = if self.matched.is_empty() { seen.mapping.matched.clone() } else { self.matched.clone() };
        Ok(Mapping { columns, matched })
    }
}

fn said(outcome: &ImportOutcome) -> String {
    let again = if outcome.replayed { "this batch had been loaded before: " } else { "" };
    let would = if outcome.trial { "nothing is written; of " } else { "of " };
    let lines = counted(usize::try_from(outcome.lines()).unwrap_or(usize::MAX), "line");
    let ImportOutcome { inserted, updated, unchanged, refused, .. } = outcome;
    let text = format!(
        "{again}{would}{lines} {inserted} are new rows, {updated} change rows, {unchanged} change nothing, {refused} are refused"
    );
    if outcome.trial { text } else { format!("{text} (batch {})", outcome.batch_id) }
}
