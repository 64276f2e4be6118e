internal import Columnar
public import Foundations

/// What the values of one column say for and against one domain. Rates only: no value is kept.
public struct ValueEvidence: Sendable, Equatable {
    /// Distinct values looked at.
    public let looked: Int
    /// Share that the domain's pattern matches; nil when it has none.
    public let patternRate: Double?
    /// Share whose check digit holds; nil when it has none.
    public let checkDigitRate: Double?
    /// Share that is in its code list; nil when it has none.
    public let codeRate: Double?
    /// Share that is in its dictionary, or has a word there; nil when it has none.
    public let dictionaryRate: Double?
    /// Share of numbers inside its range; nil when it has none.
    public let rangeRate: Double?

    public var json: JSON {
        func rate(_ value: Double?) -> JSON? { value.map { .double(($0 * 10_000).rounded() / 10_000) } }
        return .members([
            "looked": JSON(looked), "pattern_rate": rate(patternRate), "check_digit_rate": rate(checkDigitRate),
            "code_rate": rate(codeRate), "dictionary_rate": rate(dictionaryRate), "range_rate": rate(rangeRate),
        ])
    }
}

/// The distinct values of a column that evidence is drawn from. Lives in the host, and only while a stage runs.
struct ValueSketch {
    /// At most this many distinct values are looked at.
    static let maximumValues = 200
    /// Longer values are cut for matching.
    static let maximumBytes = 1024

    private let values: [[UInt8]]

    /// The first distinct values that are neither null nor blank, trimmed of ASCII white space.
    init(_ column: Column) {
        var seen: Set<[UInt8]> = []
        var values: [[UInt8]] = []
        column.withView { view in
            var text: [UInt8] = []
            for row in 0..<view.count where view.isValid(row) && values.count < Self.maximumValues {
                text.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                let trimmed = Array(text.trimmed.prefix(Self.maximumBytes))
                if !trimmed.isEmpty, seen.insert(trimmed).inserted { values.append(trimmed) }
            }
        }
        self.values = values
    }

    var isEmpty: Bool { values.isEmpty }

    /// Rates of the kinds that may be looked at; the others are nil.
    func evidence(for domain: Domain, kinds: Set<EvidenceKind> = EvidenceKind.all) -> ValueEvidence {
        let pattern = kinds.contains(.regex) ? domain.pattern : nil
        let checkDigit = kinds.contains(.regex) ? domain.checkDigit : nil
        let range = kinds.contains(.units) ? domain.range : nil
        func rate(_ holds: (UnsafeRawBufferPointer) -> Bool) -> Double {
            values.isEmpty ? 0 : Double(values.count { $0.withUnsafeBytes(holds) }) / Double(values.count)
        }
        func isListed(_ list: Set<String>) -> Double {
            let hits = values.count { list.contains(String(decoding: $0, as: UTF8.self).lowercased()) }
            return values.isEmpty ? 0 : Double(hits) / Double(values.count)
        }
        func hasWord(_ list: Set<String>) -> Double {
            let hits = values.count { value in
                let text = String(decoding: value, as: UTF8.self).lowercased()
                return list.contains(text)
                    || text.split(whereSeparator: { " -,.'".contains($0) }).contains { list.contains(String($0)) }
            }
            return values.isEmpty ? 0 : Double(hits) / Double(values.count)
        }
        return ValueEvidence(
            looked: values.count, patternRate: pattern.map { pattern in rate { pattern.matches($0) } },
            checkDigitRate: checkDigit.map { digit in rate { digit.holds($0) } },
            codeRate: domain.codes.map(isListed), dictionaryRate: domain.dictionary.map(hasWord),
            rangeRate: range.map { range in
                rate { bytes in Double(String(decoding: bytes, as: UTF8.self)).map(range.contains) ?? false }
            })
    }
}

extension [UInt8] {
    /// Without ASCII white space at both ends.
    var trimmed: ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        var slice = self[...]
        while let first = slice.first, isSpace(first) { slice = slice.dropFirst() }
        while let last = slice.last, isSpace(last) { slice = slice.dropLast() }
        return slice
    }
}
