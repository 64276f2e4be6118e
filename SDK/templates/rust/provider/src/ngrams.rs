//! Vectors of texts from the letters that they are made of: no model, no network, the same on every machine.
//!
//! Each run of three bytes of " text ", in lower case (ASCII letters alone), adds 1 or -1 to one of the dimensions, both
//! told by its hash; the vector is then brought to length 1. Texts that share spellings are near to each other.

/// Numbers of a vector.
pub const DIMENSIONS: usize = 256;
/// The name of this way to embed.
pub const MODEL: &str = "ngrams-256";

fn is_space(byte: u8) -> bool {
    byte == b' ' || (b'\t'..=b'\r').contains(&byte)
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |value, byte| (value ^ *byte as u64).wrapping_mul(0x100_0000_01b3))
}

/// The vector of a text; a text without a letter, digit or sign gives zeros.
pub fn embed(text: &str) -> Vec<f32> {
    let plain = |byte: u8| if is_space(byte) { b' ' } else { byte.to_ascii_lowercase() };
    let padded: Vec<u8> = [b' '].into_iter().chain(text.bytes().map(plain)).chain([b' ']).collect();
    let mut vector = vec![0.0; DIMENSIONS];
    if padded.iter().all(|byte| *byte == b' ') {
        return vector;
    }
    for run in padded.windows(3) {
        let value = hash(run);
        vector[(value % DIMENSIONS as u64) as usize] += if value >> 63 == 1 { -1.0 } else { 1.0 };
    }
    let length = vector.iter().map(|number: &f32| *number as f64 * *number as f64).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|number| *number = (*number as f64 / length) as f32);
    }
    vector
}

/// Tokens that a text costs: one for every four bytes, begun ones too, of each run without white space.
pub fn tokens(text: &str) -> u64 {
    text.as_bytes().split(|byte| is_space(*byte)).map(|run| (run.len() as u64 + 3) / 4).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near_to(a: &str, b: &str) -> f64 {
        embed(a).iter().zip(embed(b)).map(|(one, two)| *one as f64 * two as f64).sum()
    }

    #[test]
    fn near_spellings_are_near() {
        assert!((near_to("first name", "first name") - 1.0).abs() < 1e-6);
        assert!((near_to("FIRST\tname", "first name") - 1.0).abs() < 1e-6);
        assert!((near_to("Zo\u{eb}", "Zo\u{eb}") - 1.0).abs() < 1e-6);
        assert!(near_to("first name", "firstname") > 0.5);
        assert!(near_to("first name", "zip code") < 0.3);
        assert!(near_to("", "first name") == 0.0 && near_to(" ", " ") == 0.0);
    }

    /// The templates of the other languages hold the same figures.
    #[test]
    fn the_vector_is_the_same_everywhere() {
        let vector = embed("given name");
        let places: Vec<usize> = (0..DIMENSIONS).filter(|at| vector[*at] != 0.0).collect();
        let sum: i64 = places.iter().map(|at| if vector[*at] > 0.0 { *at as i64 } else { -(*at as i64) }).sum();
        assert_eq!((places.len(), sum), (10, -288));
    }

    #[test]
    fn tokens_are_counted_by_four_bytes() {
        assert_eq!((tokens(""), tokens("one  seven letters")), (0, 5));
    }
}
