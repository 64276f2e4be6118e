//! Providers: what an author implements, and the C functions that find it behind an instance pointer.

use crate::abi::{self, Error, Floats, Handle, Instance, ProviderOps, Status, Str, Text};
use crate::boundary::{self, floats_out, give_floats, give_text, raw_text_in, required, text_in, text_out};
use crate::export::{self, author, Parts};
use crate::failure::{PluginFailure, Result};
use crate::host::Host;
use crate::json::{Json, Object};
use std::os::raw::c_void;

/// Answers prompts and embeds texts. A call that `OFFERS_…` does not name is NULL to the host.
///
/// Calls to one instance come one at a time on one thread. Prompts and texts arrive masked. When the host asks a call to
/// stop, [`Host::is_cancelled`] tells.
pub trait Provider: Sized + 'static {
    /// Whether [`Provider::infer`] is implemented.
    const OFFERS_INFER: bool = false;
    /// Whether [`Provider::embed`] is implemented.
    const OFFERS_EMBED: bool = false;
    /// Whether [`Provider::token_estimate`] is implemented.
    const OFFERS_TOKEN_ESTIMATE: bool = false;
    /// Whether [`Provider::submit`] and [`Provider::poll`] are implemented.
    const OFFERS_BATCHES: bool = false;

    /// `config` is a JSON object, possibly empty.
    fn new(config: &Object, host: Host) -> Result<Self>;

    /// One completion: normalised request in, normalised answer out.
    fn infer(&mut self, _request: &Json) -> Result<Json> {
        Err(not_offered())
    }

    /// One vector a text, at most 10,000 texts; `model` is `None` for the default.
    fn embed(&mut self, _model: Option<&str>, _texts: &[&str]) -> Result<Embeddings> {
        Err(not_offered())
    }

    /// Tokens that `text` costs as input.
    fn token_estimate(&mut self, _model: &str, _text: &str) -> Result<u64> {
        Err(not_offered())
    }

    /// Requests handed in to a batch API: `{"batch":…}`, the name under which `poll` asks, or `{"failure":…}`.
    fn submit(&mut self, _request: &Json) -> Result<Json> {
        Err(not_offered())
    }

    /// How far a batch is: `{"state":…,"results":[…]}`. It does not wait for the batch: the host asks again.
    fn poll(&mut self, _request: &Json) -> Result<Json> {
        Err(not_offered())
    }

    /// `{"healthy":true,"models":[…]}`; PROVIDER_UNHEALTHY when it cannot serve.
    fn health(&mut self) -> Result<Object>;
}

fn not_offered() -> PluginFailure {
    PluginFailure::new("The provider does not offer this call.")
}

/// Vectors of 32-bit floats, one behind the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    dimensions: u32,
    values: Vec<f32>,
}

impl Embeddings {
    /// Fails when the numbers do not fill whole rows.
    pub fn new(dimensions: u32, values: Vec<f32>) -> Result<Embeddings> {
        if dimensions == 0 || values.len() % dimensions as usize != 0 {
            return Err(PluginFailure::new("Embeddings do not fill whole rows."));
        }
        Ok(Embeddings { dimensions, values })
    }
}

/// Texts that one `embed` call may hold (provider.h).
const MOST_TEXTS: usize = 10_000;

unsafe extern "C" fn create<T: Provider>(
    config: Str,
    context: Handle,
    out: *mut Instance,
    error: *mut Error,
) -> Status {
    unsafe { export::create(config, context, out, error, T::new) }
}

/// The calls that take one document and give one.
unsafe fn document<T: Provider>(
    instance: Instance,
    request: Str,
    out: *mut Text,
    error: *mut Error,
    answer: fn(&mut T, &Json) -> Result<Json>,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = text_out(out)?;
            let text = raw_text_in(request, "request")?;
            let provider = author::<T>(instance)?;
            let answer = answer(provider, &Json::parse(text)?)?;
            give_text(out, answer.encoded());
            Ok(())
        })
    }
}

unsafe extern "C" fn infer<T: Provider>(
    instance: Instance,
    request: Str,
    out: *mut Text,
    error: *mut Error,
) -> Status {
    unsafe { document::<T>(instance, request, out, error, T::infer) }
}

unsafe extern "C" fn submit<T: Provider>(
    instance: Instance,
    request: Str,
    out: *mut Text,
    error: *mut Error,
) -> Status {
    unsafe { document::<T>(instance, request, out, error, T::submit) }
}

unsafe extern "C" fn poll<T: Provider>(
    instance: Instance,
    request: Str,
    out: *mut Text,
    error: *mut Error,
) -> Status {
    unsafe { document::<T>(instance, request, out, error, T::poll) }
}

unsafe extern "C" fn embed<T: Provider>(
    instance: Instance,
    request: Str,
    out: *mut Floats,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = floats_out(out)?;
            let text = raw_text_in(request, "request")?;
            let provider = author::<T>(instance)?;
            let request = Json::parse(text)?;
            let values = request.get("texts").and_then(Json::as_array).filter(|texts| texts.len() <= MOST_TEXTS);
            let values = values.ok_or_else(|| {
                PluginFailure::new("The request needs /texts, an array of at most 10,000 strings.")
            })?;
            let texts: Option<Vec<&str>> = values.iter().map(Json::as_str).collect();
            let texts = texts.ok_or_else(|| PluginFailure::new("/texts holds more than strings."))?;
            let vectors = provider.embed(request.get("model").and_then(Json::as_str), &texts)?;
            if vectors.values.len() != texts.len() * vectors.dimensions as usize {
                return Err(PluginFailure::new("The provider did not return one vector a text."));
            }
            give_floats(out, vectors.dimensions, texts.len() as u64, vectors.values);
            Ok(())
        })
    }
}

unsafe extern "C" fn token_estimate<T: Provider>(
    instance: Instance,
    model: Str,
    text: Str,
    tokens: *mut u64,
    error: *mut Error,
) -> Status {
    unsafe {
        boundary::call(error, || {
            let tokens = required(tokens, "place for the count")?;
            let (model, text) = (text_in(model, "model")?, text_in(text, "text")?);
            *tokens = author::<T>(instance)?.token_estimate(model, text)?;
            Ok(())
        })
    }
}

unsafe extern "C" fn health<T: Provider>(instance: Instance, out: *mut Text, error: *mut Error) -> Status {
    unsafe {
        boundary::call(error, || {
            let out = text_out(out)?;
            let answer = author::<T>(instance)?.health()?;
            give_text(out, Json::Object(answer).encoded());
            Ok(())
        })
    }
}

struct Tables<T>(std::marker::PhantomData<T>);

impl<T: Provider> Tables<T> {
    const OPS: &'static ProviderOps = &ProviderOps {
        struct_size: std::mem::size_of::<ProviderOps>() as u32,
        reserved: 0,
        infer: if T::OFFERS_INFER { Some(infer::<T>) } else { None },
        embed: if T::OFFERS_EMBED { Some(embed::<T>) } else { None },
        token_estimate: if T::OFFERS_TOKEN_ESTIMATE { Some(token_estimate::<T>) } else { None },
        health: Some(health::<T>),
        submit: if T::OFFERS_BATCHES { Some(submit::<T>) } else { None },
        poll: if T::OFFERS_BATCHES { Some(poll::<T>) } else { None },
    };
}

/// What the table of a provider needs; for [`export_provider!`](crate::export_provider).
pub const fn parts<T: Provider>() -> Parts {
    Parts {
        kind: abi::KIND_PROVIDER,
        create: create::<T>,
        destroy: export::destroy::<T>,
        cancel: export::cancel::<T>,
        ops: Tables::<T>::OPS as *const ProviderOps as *const c_void,
    }
}
