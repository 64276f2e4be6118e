import Columnar
import Foundations
import Testing

@testable import Transform

@Suite struct ChunkHashTests {
    /// Every type, and a null.
    func rows() throws -> Batch {
        var binary = ColumnBuilder(.binary)
        [UInt8(0), 255].withUnsafeBytes { binary.append(bytes: $0) }
        binary.appendNull()
        return batch([
            textColumn(["Zoë", ""]), try column(.int64, [-42, 7]), try column(.float64, [0.1, 1e21]),
            try column(.bool, [true, false]), try column(.date, [0, 19_782]),
            try column(.timestamp, [-1, 1_709_210_096_123_456]), binary.finish(),
        ])
    }

    /// The published encoding of `rows()`, key b and then a, c … g, by hand.
    static let first: [UInt8] =
        [0x02, 0, 0, 0, 3] + Array("-42".utf8) + [0x01, 0, 0, 0, 4, 0x5A, 0x6F, 0xC3, 0xAB] + [0x03, 0, 0, 0, 3]
        + Array("0.1".utf8) + [0x04, 0, 0, 0, 1, 0x74] + [0x05, 0, 0, 0, 10] + Array("1970-01-01".utf8)
        + [0x06, 0, 0, 0, 27] + Array("1969-12-31T23:59:59.999999Z".utf8) + [0x07, 0, 0, 0, 2, 0, 255]
    static let second: [UInt8] =
        [0x02, 0, 0, 0, 1, 0x37] + [0x01, 0, 0, 0, 0] + [0x03, 0, 0, 0, 5] + Array("1e+21".utf8)
        + [0x04, 0, 0, 0, 1, 0x66] + [0x05, 0, 0, 0, 10] + Array("2024-02-29".utf8) + [0x06, 0, 0, 0, 27]
        + Array("2024-02-29T12:34:56.123456Z".utf8) + [0x00, 0, 0, 0, 0]

    @Test func `the hash is that of the published encoding`() throws {
        var hash = ChunkHash()
        hash.add(try rows(), keys: [1], columns: [0, 2, 3, 4, 5, 6])
        #expect(hash.digest() == SHA256.hash(Self.first + Self.second))
        #expect(hash.rowCount == 2)
        var empty = ChunkHash()
        #expect(empty.digest().hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func `rows count in the order given`() throws {
        var hash = ChunkHash()
        hash.add(try rows(), keys: [1], columns: [0, 2, 3, 4, 5, 6], rows: [1, 0])
        #expect(hash.digest() == SHA256.hash(Self.second + Self.first))
        #expect(hash.rowCount == 2)
    }

    @Test func `batches and long values change nothing`() throws {
        let long = String(repeating: "ü", count: 50_000)
        let values: [String?] = ["a", long, nil, "b", long] + (0..<9000).map { "value \($0)" }
        var expected: [UInt8] = []
        for value in values {
            let bytes = Array((value ?? "").utf8)
            expected.append(value == nil ? 0 : 1)
            expected.append(contentsOf: withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) })
            expected.append(contentsOf: bytes)
        }
        var whole = ChunkHash()
        whole.add([textColumn(values)], rowCount: values.count)
        #expect(whole.digest() == SHA256.hash(expected))
        var parts = ChunkHash()
        for start in stride(from: 0, to: values.count, by: 123) {
            let part = Array(values[start..<min(start + 123, values.count)])
            parts.add([textColumn(part)], rowCount: part.count)
            _ = parts.digest()
        }
        #expect(parts.digest() == whole.digest())
        #expect(parts.rowCount == values.count)
    }
}
