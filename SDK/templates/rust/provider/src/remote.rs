//! How a service would be asked over HTTP. Not in use: lib.rs computes its vectors itself.
//!
//! To use it, name the endpoint in the manifest's `egress`, set `OFFERS_INFER`, and call this from `infer` (docs/egress.md).

use sluice_sdk::{Code, Host, Json, PluginFailure, Result};

/// Post a body to /v1/infer of the endpoint "main" and give back what it answers.
#[allow(dead_code)]
pub fn ask(host: &Host, body: &[u8]) -> Result<Vec<u8>> {
    let request =
        r#"{"endpoint":"main","method":"POST","path":"/v1/infer","headers":{"content-type":"application/json"}}"#;
    // The host adds the credential, pins the address and refuses what the manifest does not name.
    let answer = host.http(request, body)?;
    let response = Json::parse(&answer.response)?;
    let number = |key: &str| response.get(key).and_then(Json::as_int).unwrap_or(0);
    let status = number("status");
    let code = match status {
        200..=299 => return Ok(answer.body),
        429 => Code::RATE_LIMIT,
        500..=599 => Code::TRANSIENT_ERROR,
        _ => Code::DETERMINISTIC_FAILURE,
    };
    // A status of 400 and above is an answer: the plugin says what it means. The body may hold a prompt: leave it out.
    let mut failure = PluginFailure::with_code(code, format!("The service answered with status {}.", status));
    failure.retry_after_ms = number("retry_after_ms").max(0) as u64;
    Err(failure)
}
