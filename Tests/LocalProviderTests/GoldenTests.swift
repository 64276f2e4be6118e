import Foundation
import LocalCore
import Testing

/// What the reference library made of some texts; written by make-golden.py.
struct Golden: Decodable {
    struct Case: Decodable {
        var text: String
        var ids: [UInt32]
    }
    struct Long: Decodable {
        var unit: String
        var `repeat`: Int
        var count: Int
        var crc32: UInt32
    }
    struct Embedded: Decodable {
        var text: String
        var vector: [Float]
    }
    var tokens: [Case]
    var long: [Long]
    var embeddings: [Embedded]

    static func load() throws -> Golden {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: folder.appendingPathComponent("golden.json")))
    }
}

/// The packed model file, kept in memory for the life of the test process.
enum RealModel {
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["SLUICE_LOCAL_MODEL"], !path.isEmpty { return path }
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appendingPathComponent(".build/resources/wordllama-l2-256.slw").path
    }()

    static let isPresent = FileManager.default.isReadableFile(atPath: path)
    static let whenAbsent = Comment(
        rawValue: "no model file at \(path): make it with scripts/pack-wordllama.py or set SLUICE_LOCAL_MODEL")

    /// A fresh copy of the file, for the caller to free when no model borrows it any more.
    static func copy() throws -> UnsafeMutableRawBufferPointer {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 64)
        bytes.copyBytes(from: data)
        return bytes
    }

    static let model = Result { try EmbeddingModel(bytes: UnsafeRawBufferPointer(copy())) }
}

@Suite(.enabled(if: RealModel.isPresent, RealModel.whenAbsent))
struct `The real model` {
    @Test func `gives the reference's tokens for every golden text`() throws {
        var tokenizer = Tokenizer(try RealModel.model.get())
        let golden = try Golden.load()
        #expect(golden.tokens.count >= 200)
        for golden in golden.tokens {
            #expect(try tokenizer.tokens(of: golden.text) == golden.ids, "\(golden.text.debugDescription)")
            #expect(try tokenizer.count(of: golden.text) == golden.ids.count)
        }
    }

    @Test func `gives the reference's tokens for long texts with and without spaces`() throws {
        var tokenizer = Tokenizer(try RealModel.model.get())
        for golden in try Golden.load().long {
            let text = String(repeating: golden.unit, count: golden.repeat)
            let tokens = try tokenizer.tokens(of: text)
            #expect(tokens.count == golden.count, "\(golden.unit)")
            #expect(slowCRC32(tokens) == golden.crc32, "\(golden.unit)")
        }
    }

    @Test func `gives numpy's vectors within 1e-5`() throws {
        var embedder = Embedder(try RealModel.model.get())
        let golden = try Golden.load().embeddings
        let vectors = try embedder.embed(golden.map(\.text))
        for (row, golden) in golden.enumerated() {
            let vector = vectors[(row * 256)..<((row + 1) * 256)]
            #expect(golden.vector.count == 256)
            #expect(zip(vector, golden.vector).allSatisfy { abs($0 - $1) < 1e-5 }, "\(golden.text)")
        }
    }

    @Test func `puts words of one meaning near each other`() throws {
        var embedder = Embedder(try RealModel.model.get())
        let rows = try embedder.embed(["phone number", "telephone", "birth date"])
        func dot(_ a: Int, _ b: Int) -> Float {
            zip(rows[(a * 256)..<((a + 1) * 256)], rows[(b * 256)..<((b + 1) * 256)]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(dot(0, 1) > dot(0, 2))
        #expect(abs(dot(0, 0) - 1) < 1e-5)
    }

    @Test func `tokenizes word by word as it does the whole text`() throws {
        let bytes = try RealModel.copy()
        defer { bytes.deallocate() }
        PackedModel.clearWordFlag(bytes)
        var whole = Tokenizer(try EmbeddingModel(bytes: UnsafeRawBufferPointer(bytes), verification: .tables))
        for golden in try Golden.load().tokens {
            #expect(try whole.tokens(of: golden.text) == golden.ids, "\(golden.text.debugDescription)")
        }
    }
}

/// CRC-32 of the little-endian bytes of `words`, bit by bit: the slow twin of the module's own.
func slowCRC32(_ words: [UInt32]) -> UInt32 {
    slowCRC32(words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } })
}

func slowCRC32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        remainder ^= UInt32(byte)
        for _ in 0..<8 { remainder = (remainder >> 1) ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    return ~remainder
}
