import Testing

@testable import Detection

#if canImport(Glibc)
import Glibc
#endif

struct `What has a form` {
    struct Line: Sendable, CustomTestStringConvertible {
        let text: [UInt8]
        let expected: [String]
        var testDescription: String { String(decoding: text, as: UTF8.self) }

        /// Reads `text [[TYPE value]] text`.
        init(_ line: Substring) {
            var text: [UInt8] = []
            var expected: [String] = []
            var rest = line[...]
            while let open = rest.firstRange(of: "[[") {
                text += Self.unescaped(rest[..<open.lowerBound])
                rest = rest[open.upperBound...]
                let close = rest.firstRange(of: "]]") ?? rest.endIndex..<rest.endIndex
                let parts = rest[..<close.lowerBound].split(separator: " ", maxSplits: 1)
                let value = Self.unescaped(parts.count > 1 ? parts[1] : "")
                text += value
                expected.append("\(parts.first ?? "") \(String(decoding: value, as: UTF8.self))")
                rest = rest[close.upperBound...]
            }
            self.text = text + Self.unescaped(rest)
            self.expected = expected
        }

        /// `\n` is a line end, `\\n` a backslash and an n.
        private static func unescaped(_ text: Substring) -> [UInt8] {
            var out: [UInt8] = []
            for byte in text.utf8 {
                if byte == 0x6E, out.last == 0x5C {
                    if out.count > 1, out[out.count - 2] == 0x5C {
                        out.removeLast()
                        out.append(byte)
                    } else {
                        out[out.count - 1] = 0x0A
                    }
                } else {
                    out.append(byte)
                }
            }
            return out
        }
    }

    /// Lines of a file beside this one that are no remarks.
    static func lines(_ name: String) -> [Substring] {
        let path = String(#filePath.dropLast("FormTests.swift".count)) + name
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    private static func found(_ text: [UInt8]) -> [String] {
        Scanner().entities(in: text).map {
            "\($0.type.rawValue) \(String(decoding: text[$0.start..<$0.end], as: UTF8.self))"
        }
    }

    @Test(arguments: lines("forms.txt").map { Line($0) })
    func `is found as its line says, and nothing else is`(line: Line) {
        #expect(Self.found(line.text) == line.expected)
    }

    @Test func `is told apart from what breaks its check digits`() {
        let lines = Self.lines("checks.txt")
        #expect(lines.count >= 100)
        for line in lines {
            let parts = line.split(separator: " ")
            let name = Array("\(Self.words[parts[0], default: ""]) ".utf8)
            let value = Array(parts[1].utf8)
            let entities = Scanner().entities(in: name + value)
            let isFound = entities.contains {
                $0.type.rawValue == parts[0] && $0.start == name.count && $0.count == value.count
            }
            #expect(isFound == (parts[2] == "1"), "\(line): \(entities)")
        }
    }

    private static let words: [Substring: String] = ["BANK_ACCOUNT": "routing", "MEDICAL_RECORD_NUMBER": "npi"]

    @Test func `keeps every letter of a value out of its evidence`() {
        for line in Self.lines("forms.txt").map({ Line($0) }) {
            for entity in Scanner().entities(in: line.text) {
                let value = line.text[entity.start..<entity.end].split {
                    !($0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26)
                }
                let words = Set(entity.evidence.utf8.split(separator: 0x20).map { Array($0) })
                for part in value where part.count > 3 && part.contains(where: { $0 < 0x3A }) {
                    #expect(!words.contains(Array(part)))
                }
            }
        }
    }

    @Test func `hashes as the published vectors of Keccak-256 do`() {
        #expect(hex(Keccak.hash([])) == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
        #expect(hex(Keccak.hash("abc".utf8)) == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")
        // As long as a block, and one longer: the padding's corners. From pycryptodome 3's keccak.
        #expect(
            hex(Keccak.hash([UInt8](repeating: 0x61, count: 135)))
                == "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446")
        #expect(
            hex(Keccak.hash([UInt8](repeating: 0x61, count: 136)))
                == "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
