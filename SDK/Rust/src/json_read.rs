//! The strict reader of JSON.

use crate::failure::{PluginFailure, Result};
use crate::json::{Json, Object};
use std::collections::HashSet;

const MOST_LEVELS: usize = 64;
const MOST_BYTES: usize = 16 << 20;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Json> {
    if bytes.len() > MOST_BYTES {
        return Err(PluginFailure::new("The JSON text is longer than 16 MiB: send less at once."));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| broken(error.valid_up_to(), "is not UTF-8"))?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.spaces();
    if reader.at < text.len() {
        return Err(broken(reader.at, "has more behind its value"));
    }
    Ok(value)
}

/// The text itself is not shown: it may hold a value.
fn broken(at: usize, what: &str) -> PluginFailure {
    PluginFailure::new(format!("The JSON text {} at byte {}.", what, at))
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += found as usize;
        found
    }

    fn value(&mut self, level: usize) -> Result<Json> {
        self.spaces();
        if level > MOST_LEVELS {
            return Err(broken(self.at, "is nested more than 64 levels deep"));
        }
        match self.peek() {
            Some(b'{') => self.object(level),
            Some(b'[') => self.array(level),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => {
                for (word, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
                    if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(broken(self.at, "has no value"))
            }
            None => Err(broken(self.at, "ends too early")),
        }
    }

    fn object(&mut self, level: usize) -> Result<Json> {
        self.at += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut keys = HashSet::new();
        self.spaces();
        if self.eat(b'}') {
            return Ok(Json::Object(Object::new()));
        }
        loop {
            self.spaces();
            let at = self.at;
            if self.peek() != Some(b'"') {
                return Err(broken(at, "lacks a key"));
            }
            let key = self.string()?;
            if !keys.insert(key.clone()) {
                return Err(broken(at, "repeats a key"));
            }
            self.spaces();
            if !self.eat(b':') {
                return Err(broken(self.at, "lacks a colon"));
            }
            members.push((key, self.value(level + 1)?));
            self.spaces();
            if self.eat(b'}') {
                return Ok(Json::Object(Object::of_unique(members)));
            }
            if !self.eat(b',') {
                return Err(broken(self.at, "lacks a comma"));
            }
        }
    }

    fn array(&mut self, level: usize) -> Result<Json> {
        self.at += 1;
        let mut values = Vec::new();
        self.spaces();
        if self.eat(b']') {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value(level + 1)?);
            self.spaces();
            if self.eat(b']') {
                return Ok(Json::Array(values));
            }
            if !self.eat(b',') {
                return Err(broken(self.at, "lacks a comma"));
            }
        }
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            // The loop stops at ASCII alone, so it cuts between characters.
            out.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(broken(self.at, "has a control character in a string")),
                None => return Err(broken(self.at, "ends too early")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let at = self.at;
        self.at += 1;
        let code = self.peek();
        self.at += 1;
        Ok(match code {
            Some(plain @ (b'"' | b'\\' | b'/')) => plain as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut unit = self.hex(at)?;
                if (0xD800..0xDC00).contains(&unit) && self.eat(b'\\') && self.eat(b'u') {
                    let low = self.hex(at)?;
                    if !(0xDC00..0xE000).contains(&low) {
                        return Err(broken(at, "has a lone surrogate"));
                    }
                    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                }
                char::from_u32(unit).ok_or_else(|| broken(at, "has a lone surrogate"))?
            }
            _ => return Err(broken(at, "has an unknown escape")),
        })
    }

    fn hex(&mut self, at: usize) -> Result<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or(&[]);
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(broken(at, "has an unknown escape"));
        }
        self.at += 4;
        Ok(digits.iter().fold(0, |sum, digit| sum * 16 + (*digit as char).to_digit(16).unwrap_or(0)))
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<Json> {
        let from = self.at;
        self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(broken(from, "has a malformed number"));
        }
        let mut is_whole = true;
        if self.eat(b'.') {
            is_whole = false;
            if self.digits() == 0 {
                return Err(broken(from, "has a malformed number"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            is_whole = false;
            self.at += 1;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if self.digits() == 0 {
                return Err(broken(from, "has a malformed number"));
            }
        }
        let text = &self.text[from..self.at];
        if is_whole {
            if let Ok(value) = text.parse::<i64>() {
                return Ok(Json::Int(value));
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Json::Float(value)),
            _ => Err(broken(from, "has a number that is too large")),
        }
    }
}
