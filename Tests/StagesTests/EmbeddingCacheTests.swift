import Foundations
import Testing

@testable import Stages

@Suite struct `Vectors as bytes` {
    @Test(arguments: [(0, 0), (1, 1), (3, 4), (50, 256)])
    func `come back bit for bit`(_ rows: Int, _ width: Int) throws {
        var state: UInt32 = 7
        let vectors = (0..<rows).map { _ in
            (0..<width).map { _ -> Float in
                state = state &* 1_664_525 &+ 1_013_904_223
                // Every finite pattern, subnormal numbers and -0 among them.
                let value = Float(bitPattern: state)
                return value.isFinite ? value : -0.0
            }
        }
        let bytes = try #require(VectorCodec.encode(vectors))
        #expect(bytes.count == 12 + rows * width * 4)
        let decoded = VectorCodec.decode(bytes, count: rows)?.map { $0.map(\.bitPattern) }
        let expected = vectors.map { $0.map(\.bitPattern) }
        #expect(decoded == expected)
    }

    @Test func `of several lengths are none`() {
        #expect(VectorCodec.encode([[1, 2], [1]]) == nil)
    }

    @Test func `that are cut, too long, of another number or not finite are refused`() throws {
        let bytes = try #require(VectorCodec.encode([[1, 2], [3, 4]]))
        for length in 0..<bytes.count {
            let cut = VectorCodec.decode(Array(bytes.prefix(length)), count: 2)
            #expect(cut == nil)
        }
        let long = VectorCodec.decode(bytes + [0], count: 2)
        let fewer = VectorCodec.decode(bytes, count: 1)
        #expect(long == nil && fewer == nil)
        let infinite = try #require(VectorCodec.encode([[.infinity]]))
        let refused = VectorCodec.decode(infinite, count: 1)
        #expect(refused == nil)
    }

    @Test func `with every header are read or refused`() {
        for width in [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF] as [UInt32] {
            for rows in [0, 2, UInt64.max] as [UInt64] {
                var bytes: [UInt8] = []
                withUnsafeBytes(of: width.littleEndian) { bytes += $0 }
                withUnsafeBytes(of: rows.littleEndian) { bytes += $0 }
                for count in [0, 2, Int.max] {
                    let found = VectorCodec.decode(bytes, count: count)
                    let isRight = rows == UInt64(count) && (count == 0 || width == 0)
                    #expect((found != nil) == isRight, "\(width) \(rows) \(count)")
                }
            }
        }
    }

    @Test func `are cached under the locale that the C library would use`() {
        #expect(EmbeddingRequest.locale([:]) == "C")
        #expect(EmbeddingRequest.locale(["LANG": "de", "LC_ALL": ""]) == "de")
        #expect(EmbeddingRequest.locale(["LANG": "de", "LC_MESSAGES": "fr", "LC_ALL": "it"]) == "it")
    }
}
