//! JSON values and their text: what configs, requests and verdicts are made of.

use crate::failure::{PluginFailure, Result};
use crate::json_read;

/// A JSON document. Objects keep the order of their keys.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Json {
    Null,
    Bool(bool),
    /// A number without fraction and exponent that fits 64 bits.
    Int(i64),
    Float(f64),
    String(String),
    Array(Vec<Json>),
    Object(Object),
}

/// The members of a JSON object, in the order in which they were written; keys differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    members: Vec<(String, Json)>,
}

impl Object {
    /// No members.
    pub fn new() -> Object {
        Object::default()
    }

    pub(crate) fn of_unique(members: Vec<(String, Json)>) -> Object {
        Object { members }
    }

    /// A member's value.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.members.iter().find(|member| member.0 == key).map(|member| &member.1)
    }

    /// Replace or append a member; returns the object, so that calls can be chained.
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Object {
        self.set(key, value);
        self
    }

    /// Replace or append a member.
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.members.iter_mut().find(|member| member.0 == key) {
            Some(member) => member.1 = value,
            None => self.members.push((key.to_string(), value)),
        }
    }

    /// The members in order.
    pub fn members(&self) -> &[(String, Json)] {
        &self.members
    }

    /// Fails with the first key that is not one of `known`, by JSON pointer.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        match self.members.iter().find(|member| !known.contains(&member.0.as_str())) {
            None => Ok(()),
            Some(member) => Err(PluginFailure::new(format!(
                "There is an unknown key at /{}: known are {}.",
                member.0.chars().take(64).collect::<String>(),
                if known.is_empty() { "none".to_string() } else { known.join(", ") }
            ))),
        }
    }
}

impl Json {
    /// Read strict JSON (RFC 8259): UTF-8, no repeated key, no lone surrogate, at most 64 levels, nothing behind it.
    pub fn parse(bytes: &[u8]) -> Result<Json> {
        json_read::parse(bytes)
    }

    /// The text in UTF-8, without spaces. A number that JSON cannot hold (NaN, infinities) becomes null.
    pub fn encoded(&self) -> Vec<u8> {
        let mut out = String::new();
        self.write(&mut out);
        out.into_bytes()
    }

    /// A member of an object; `None` when this is no object or has no such key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object().and_then(|object| object.get(key))
    }

    /// The value if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements if it is an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The text if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value if it is a whole number.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Json::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of any number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Int(value) => Some(*value as f64),
            Json::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The value if it is one of the two booleans.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        *self == Json::Null
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Int(value) => out.push_str(&value.to_string()),
            // Rust prints the fewest digits that read back the same, and never an exponent.
            Json::Float(value) if value.is_finite() => out.push_str(&value.to_string()),
            Json::Float(_) => out.push_str("null"),
            Json::String(text) => quote(text, out),
            Json::Array(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Json::Object(object) => {
                out.push('{');
                for (index, (key, value)) in object.members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    quote(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

macro_rules! json_from {
    ($($type:ty => |$value:ident| $json:expr),+ $(,)?) => {
        $(impl From<$type> for Json { fn from($value: $type) -> Json { $json } })+
    };
}
json_from!(
    bool => |value| Json::Bool(value),
    i64 => |value| Json::Int(value),
    i32 => |value| Json::Int(value as i64),
    u32 => |value| Json::Int(value as i64),
    u64 => |value| Json::Int(value.min(i64::MAX as u64) as i64),
    usize => |value| Json::Int(value.min(i64::MAX as usize) as i64),
    f64 => |value| Json::Float(value),
    &str => |value| Json::String(value.to_string()),
    String => |value| Json::String(value),
    Object => |value| Json::Object(value),
);

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Json {
        Json::Array(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}
