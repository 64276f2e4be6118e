// Links libm, which the compiler calls for square roots and rounding.
import Glibc

/// Texts to vectors: the mean of the vectors of a text's tokens, scaled to length 1.
///
/// A value keeps its scratch memory between calls; use it from one thread at a time.
public struct Embedder: Sendable {
    private let model: EmbeddingModel
    private var tokenizer: Tokenizer

    /// Makes an embedder over an open model; the model's bytes stay borrowed.
    public init(_ model: EmbeddingModel) {
        self.model = model
        tokenizer = Tokenizer(model)
    }

    /// The number of components of a vector.
    public var dimensions: Int { model.dimensions }

    /// One vector a text, row-major: `texts.count` rows of `dimensions` floats.
    ///
    /// A row has length 1, except that of a text without tokens, which is zero. The cosine of two texts is the dot
    /// product of their rows.
    /// - Throws: `ModelError.wordTooLong`.
    public mutating func embed(_ texts: [String]) throws(ModelError) -> [Float] {
        var rows = [Float](repeating: 0, count: texts.count * dimensions)
        try rows.withUnsafeMutableBufferPointer { rows throws(ModelError) in
            for (row, text) in texts.enumerated() {
                let range = (row * dimensions)..<((row + 1) * dimensions)
                try embed(text, into: UnsafeMutableBufferPointer(rebasing: rows[range]))
            }
        }
        return rows
    }

    /// Writes the vector of one text, as `embed(_:)` returns it.
    ///
    /// - Parameter row: exactly `dimensions` floats; what it held is overwritten.
    /// - Throws: `ModelError.wordTooLong`; `row` is then undefined.
    public mutating func embed(_ text: String, into row: UnsafeMutableBufferPointer<Float>) throws(ModelError) {
        precondition(row.count == dimensions, "a row holds one vector")
        guard let sum = row.baseAddress else { return }
        row.update(repeating: 0)
        let model = model
        var count = 0
        try tokenizer.forEachToken(of: text.utf8.span) { token in
            model.add(token: token, to: sum)
            count += 1
        }
        Self.normalise(row, tokens: count)
    }

    /// The number of tokens of a text.
    ///
    /// - Throws: `ModelError.wordTooLong`.
    public mutating func tokenCount(of text: String) throws(ModelError) -> Int {
        try tokenizer.count(of: text)
    }

    /// Turns a sum over tokens into their mean of length 1; a zero vector stays as it is.
    private static func normalise(_ row: UnsafeMutableBufferPointer<Float>, tokens: Int) {
        if tokens == 0 { return }
        var squares = 0.0
        for index in row.indices {
            row[index] /= Float(tokens)
            squares += Double(row[index]) * Double(row[index])
        }
        if squares == 0 { return }
        let scale = 1 / squares.squareRoot()
        for index in row.indices { row[index] = Float(Double(row[index]) * scale) }
    }
}
