//! The provider @ID@: what the host calls. What it computes is in ngrams.rs.

mod ngrams;
mod remote;

use sluice_sdk::{export_provider, Embeddings, Host, Json, Object, PluginFailure, Provider, Result};

struct NGrams {
    host: Host,
}

fn only_model(model: &str) -> Result<()> {
    if model.is_empty() || model == ngrams::MODEL {
        return Ok(());
    }
    Err(PluginFailure::new(format!("There is one model, {}: ask for that or none.", ngrams::MODEL)))
}

impl Provider for NGrams {
    const OFFERS_EMBED: bool = true;
    const OFFERS_TOKEN_ESTIMATE: bool = true;

    fn new(_config: &Object, host: Host) -> Result<Self> {
        Ok(NGrams { host })
    }

    fn embed(&mut self, model: Option<&str>, texts: &[&str]) -> Result<Embeddings> {
        only_model(model.unwrap_or(""))?;
        let mut values = Vec::with_capacity(texts.len() * ngrams::DIMENSIONS);
        for text in texts {
            self.host.check_cancellation()?;
            values.extend(ngrams::embed(text));
        }
        Embeddings::new(ngrams::DIMENSIONS as u32, values)
    }

    fn token_estimate(&mut self, model: &str, text: &str) -> Result<u64> {
        only_model(model)?;
        Ok(ngrams::tokens(text))
    }

    fn health(&mut self) -> Result<Object> {
        let model = Object::new().with("id", ngrams::MODEL).with("dimensions", ngrams::DIMENSIONS);
        Ok(Object::new().with("healthy", true).with("models", Json::Array(vec![Json::Object(model)])))
    }
}

export_provider!(NGrams, "@ID@", "0.1.0", "Embeds texts by their letters, on this machine.");
