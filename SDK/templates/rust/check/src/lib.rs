//! The check @ID@: what the host calls. What it counts is in long_text.rs.
//!
//! It never sees a text: it asks the host for the lengths (companion "length") and says that it reads validity alone.

mod long_text;

use long_text::{LongText, LIMIT};
use sluice_sdk::{
    export_check, BatchView, Check, CheckParameters, Declaration, Field, Finding, Host, Object, PluginFailure, Result,
    Verdict,
};

struct LongTextCheck {
    host: Host,
    limit: i64,
    /// Where the length of each column is, and its id.
    lengths: Vec<(usize, String)>,
    ordinals: usize,
    found: LongText,
}

impl Check for LongTextCheck {
    fn declaration() -> Declaration {
        Declaration {
            companions: vec!["length"],
            reason_codes: vec!["LONG_TEXT"],
            metrics: vec!["long_text_rate"],
            reads_text: false,
            reads_key_alone: false,
        }
    }

    fn new(config: &Object, host: Host) -> Result<Self> {
        let limit = match config.get("limit") {
            None => LIMIT,
            Some(value) => value.as_int().filter(|limit| *limit >= 0).ok_or_else(|| {
                PluginFailure::new("/limit must be a whole number that is not negative.")
            })?,
        };
        Ok(LongTextCheck { host, limit, lengths: Vec::new(), ordinals: 0, found: LongText::default() })
    }

    fn begin(&mut self, fields: &[Field], _parameters: &CheckParameters) -> Result<()> {
        let ordinals = fields.iter().position(|field| field.name == "sluice.ordinal");
        self.ordinals = ordinals.ok_or_else(|| {
            PluginFailure::new("The schema lacks sluice.ordinal: send it whole.")
        })?;
        let id = |field: &Field| field.name.strip_suffix(".length").map(str::to_string);
        self.lengths = fields.iter().enumerate().filter_map(|(at, field)| Some((at, id(field)?))).collect();
        self.found = LongText::new(self.limit, self.lengths.len());
        Ok(())
    }

    fn update(&mut self, batch: &BatchView) -> Result<()> {
        self.host.check_cancellation()?;
        let missing = || PluginFailure::new("The batch is not of the schema that begin was given.");
        let ordinals = batch.column(self.ordinals).ok_or_else(missing)?;
        for (column, (at, _)) in self.lengths.iter().enumerate() {
            let lengths = batch.column(*at).ok_or_else(missing)?;
            for row in 0..batch.rows() {
                // A null has no length.
                let length = lengths.int64(row).unwrap_or(0);
                self.found.add(column, ordinals.int64(row).unwrap_or(0), length);
            }
        }
        self.found.rows += batch.rows() as u64;
        Ok(())
    }

    fn merge(&mut self, state: &[u8]) -> Result<()> {
        let merged = std::str::from_utf8(state).ok().and_then(|state| self.found.merge(state));
        merged.ok_or_else(|| {
            PluginFailure::new(
                "The state is damaged, or of other columns or another limit: merge what finish of the same returned.",
            )
        })
    }

    fn verdict(&mut self) -> Result<Verdict> {
        let rows = self.found.rows;
        let columns = self.found.columns.iter().zip(&self.lengths).filter(|(column, _)| column.count > 0);
        let findings = columns.map(|(column, (_, id))| Finding {
            column: Some(id.clone()),
            metric: "long_text_rate".to_string(),
            value: column.count as f64 / rows as f64,
            count: column.count,
            reason_code: "LONG_TEXT".to_string(),
            ordinals: column.ordinals.clone(),
            ..Finding::default()
        });
        Ok(Verdict { rows, findings: findings.collect() })
    }

    fn state(&mut self) -> Result<Vec<u8>> {
        Ok(self.found.state().into_bytes())
    }
}

export_check!(LongTextCheck, "@ID@", "0.1.0", "Counts texts that are longer than a limit.");
