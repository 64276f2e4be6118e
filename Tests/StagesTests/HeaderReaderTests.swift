import Testing

@testable import Stages

@Suite struct `The first record of a file` {
    /// Bytes, and how far anybody looked into them.
    private final class Watched {
        let bytes: [UInt8]
        private(set) var furthest = -1

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func byte(_ offset: Int) -> UInt8? {
            guard bytes.indices.contains(offset) else { return nil }
            furthest = max(furthest, offset)
            return bytes[offset]
        }
    }

    private func read(_ bytes: [UInt8]) throws -> (record: [UInt8], looked: Int) {
        let watched = Watched(bytes)
        var reader = HeaderReader { watched.byte($0) }
        let record = try reader.record()
        return (record, watched.furthest + 1)
    }

    private static func wide(_ text: String, big: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let low = UInt8(truncatingIfNeeded: unit)
            let high = UInt8(truncatingIfNeeded: unit >> 8)
            return big ? [high, low] : [low, high]
        }
    }

    /// A record, and what stands behind it.
    static let records: [(record: String, behind: String)] = [
        ("id,name\n", "1,Ada\n"), ("id,name\r\n", "1,Ada\r\n"), ("id,name\r", "1,Ada\r"), ("id,name\r", "\r1,Ada"),
        ("id\n", "1\n"), ("id,name", ""), ("id,name\r", ""), ("\"id\",\"name\"\n", "1,Ada\n"), ("\"id\"\r", "1\r"),
        // A quote inside a cell is a letter.
        ("id,size\",name\n", "1,2\",Ada\n3,4\",Bob\n"), ("i\"d,name\n", "1,\"Ada\"\n"),
        ("\"a \"\"b\"\"\",c\n", "1,2\n"), ("\"a\nb\",c\n", "1,2\n"), ("\"a\r\nb\r\",c\r\n", "1,2\r\n"),
        ("\"\",b\n", "1,2\n"), ("a,\"\"\"\"\n", "1,2\n"), ("\"a\"", ""),
        ("a;\"b\n\";c\n", "1;2;3\n"), ("a\t\"b\n\"\tc\n", "1\t2\t3\n"), ("a|\"b\n\"|c\n", "1|2|3\n"),
        ("a:\"b\n\":c\n", "1:2:3\n"), ("\n\r\n\r\nid,name\n", "1,Ada\n"), ("\n\"id\n\",name\n", "1,Ada\n"),
        ("größe,имя,名前\n", "1,Ada,x\n"),
    ]

    @Test(arguments: records)
    func `ends with its line, and one character behind it is looked at, at most`(_ record: String, _ behind: String)
        throws
    {
        let expected = Array(record.utf8)
        let (found, looked) = try read(expected + Array(behind.utf8))
        #expect(found == expected)
        // Only a carriage return leaves open whether a line feed belongs to it.
        #expect(looked <= expected.count + (record.hasSuffix("\r") ? 1 : 0))
    }

    @Test(arguments: records)
    func `is the same behind a byte-order mark, and in UTF-16 of both orders`(_ record: String, _ behind: String)
        throws
    {
        let marked = [0xEF, 0xBB, 0xBF] + Array(record.utf8)
        let (found, looked) = try read(marked + Array(behind.utf8))
        #expect(found == marked && looked <= marked.count + 1)
        for big in [false, true] {
            for mark: [UInt8] in [big ? [0xFE, 0xFF] : [0xFF, 0xFE], []] {
                let expected = mark + Self.wide(record, big: big)
                let (found, looked) = try read(expected + Self.wide(behind, big: big))
                // Without a mark the zero beside the first letter tells; a letter that has none is not guessed at.
                guard !mark.isEmpty || record.utf8.first.map({ $0 < 0x80 }) ?? false else { continue }
                #expect(found == expected)
                #expect(looked <= expected.count + (record.hasSuffix("\r") ? 2 : 0))
            }
        }
    }

    @Test(arguments: ["\"id,name\n1,Ada\n", "id,\"name\n1,Ada\n", "\"id\"\"\n1,Ada", "\""])
    func `with a quote that does not close is a mistake`(_ text: String) {
        let failure = #expect(throws: HeaderReader.Failure.self) { try read(Array(text.utf8)) }
        #expect(failure?.reason == "has a quote that does not close")
    }

    @Test func `is a mistake above its limit, and is read up to it`() throws {
        let longest = [UInt8](repeating: 0x61, count: HeaderReader.limit - 1) + [0x0A]
        let (found, _) = try read(longest + [0x62])
        #expect(found.count == HeaderReader.limit)
        for open: [UInt8] in [[0x61], [0x22]] {
            let endless = open + [UInt8](repeating: 0x61, count: HeaderReader.limit * 2)
            let watched = Watched(endless)
            var reader = HeaderReader { watched.byte($0) }
            let failure = #expect(throws: HeaderReader.Failure.self) { try reader.record() }
            #expect(failure?.reason == "is longer than 1048576 bytes")
            #expect(watched.furthest <= HeaderReader.limit + 1)
        }
    }

    @Test func `of a file of blank lines is those lines`() throws {
        let (found, _) = try read(Array("\n\r\n\r".utf8))
        #expect(found == Array("\n\r\n\r".utf8))
        let (nothing, looked) = try read([])
        #expect(nothing.isEmpty && looked == 0)
    }
}
