/// Groups of digits with single separators between them, as people write numbers: `(602) 272-9781 x12`.
///
/// Lies on the stack: a run is made for every number of a text.
struct NumberRun {
    struct Group {
        let start: Int
        private let length: UInt8
        /// The separator in front of it: 0 for the first, the byte of a single one, `(` or `)` where a bracket is part of it.
        let separator: UInt8
        var count: Int { Int(length) }
        var end: Int { start + Int(length) }

        init(start: Int, end: Int, separator: UInt8) {
            self.start = start
            self.length = UInt8(truncatingIfNeeded: end - start)
            self.separator = separator
        }
    }

    /// At most eight groups.
    struct Groups: RandomAccessCollection {
        private var storage = InlineArray<8, Group>(repeating: Group(start: 0, end: 0, separator: 0))
        private(set) var count = 0

        var startIndex: Int { 0 }
        var endIndex: Int { count }
        subscript(_ index: Int) -> Group { storage[index] }

        fileprivate mutating func append(_ group: Group) {
            storage[count] = group
            count += 1
        }
        fileprivate mutating func cut(to count: Int) { self.count = count }
    }

    /// How many digits each group has: a byte each, the first group lowest.
    struct Shape: Equatable, Sendable {
        private let bits: UInt64

        /// Of at most eight groups of less than 256 digits.
        init(_ counts: some Sequence<Int>) {
            var bits: UInt64 = 0
            for (place, count) in counts.enumerated() { bits |= UInt64(count & 0xFF) << UInt64(place * 8) }
            self.bits = bits
        }

        @inline(__always)
        init(_ first: Int, _ second: Int = 0, _ third: Int = 0, _ fourth: Int = 0) {
            bits = UInt64(first | second << 8 | third << 16 | fourth << 24)
        }

        fileprivate init(_ groups: Groups) {
            var bits: UInt64 = 0
            for place in 0..<groups.count { bits |= UInt64(groups[place].count) << UInt64(place * 8) }
            self.bits = bits
        }

        /// The groups.
        var count: Int { (64 - bits.leadingZeroBitCount + 7) / 8 }
        subscript(_ place: Int) -> Int { Int(bits >> UInt64(place * 8) & 0xFF) }
    }

    /// The values of the digits of a run that has at most twenty.
    struct Digits: RandomAccessCollection {
        static let capacity = 20
        private var storage = InlineArray<20, UInt8>(repeating: 0)
        private(set) var count = 0

        var startIndex: Int { 0 }
        var endIndex: Int { count }
        subscript(_ index: Int) -> UInt8 { storage[index] }

        fileprivate mutating func append(_ value: UInt8) {
            storage[count] = value
            count += 1
        }

        /// Whether all are the same, as in numbers that people make up.
        var isOneDigit: Bool {
            for place in 0..<count where storage[place] != storage[0] { return false }
            return true
        }
    }

    private(set) var groups = Groups()
    /// With a `+` or a bracket that stands directly in front.
    private(set) var start = 0
    /// Behind the last digit of the last group that belongs to the number.
    private(set) var end = 0
    private(set) var hasPlus = false
    private(set) var hasBracket = false
    /// The digits of an extension, behind `x`, `ext` or `#`; 0 when there is none. They are not among the groups.
    private(set) var extensionEnd = 0
    private(set) var digitCount = 0

    private static let maximumGroups = 8
    static let maximumDigits = 40

    /// Reads the run whose first digit is at `place`.
    init(_ text: Text, at place: Int) {
        start = place
        var at = place
        if text.at(at - 1) == 0x28 {  // (
            hasBracket = true
            start = at - 1
        }
        if text.at(start - 1) == 0x2B {  // +
            hasPlus = true
            start -= 1
        }
        var separator: UInt8 = 0
        while groups.count < Self.maximumGroups {
            let groupStart = at
            while text.isDigit(at), at - groupStart <= Self.maximumDigits { at += 1 }
            guard at > groupStart else { break }
            groups.append(Group(start: groupStart, end: at, separator: separator))
            digitCount += at - groupStart
            end = at
            guard let next = Self.separator(text, at) else { break }
            separator = next.kind
            if next.kind == 0x28 || next.kind == 0x29 { hasBracket = true }
            at = next.place
        }
        readExtension(text)
    }

    /// What stands between two groups: one of ` - . /`, or a bracket with a blank on either side, or ` - `.
    static func separator(_ text: Text, _ place: Int) -> (kind: UInt8, place: Int)? {
        let byte = text.at(place)
        switch byte {
        case 0x20:
            if text.isDigit(place + 1) { return (byte, place + 1) }
            if text.at(place + 1) == 0x28, text.isDigit(place + 2) { return (0x28, place + 2) }
            if text.at(place + 1) == 0x2D, text.at(place + 2) == 0x20, text.isDigit(place + 3) {
                return (0x2D, place + 3)
            }
            return nil
        case 0x28: return text.isDigit(place + 1) ? (byte, place + 1) : nil
        case 0x29:
            if text.isDigit(place + 1) { return (byte, place + 1) }
            let next = text.at(place + 1)
            return (next == 0x20 || next == 0x2D || next == 0x2E) && text.isDigit(place + 2) ? (byte, place + 2) : nil
        case 0x2D, 0x2E, 0x2F: return text.isDigit(place + 1) ? (byte, place + 1) : nil
        default: return nil
        }
    }

    private mutating func readExtension(_ text: Text) {
        var at = end
        if text.at(at) == 0x20 { at += 1 }
        let byte = text.at(at) | 0x20
        if byte == 0x78 {  // x
            at += 1
        } else if byte == 0x65, text.at(at + 1) | 0x20 == 0x78, text.at(at + 2) | 0x20 == 0x74 {  // ext
            at += 3
            if text.at(at) == 0x2E { at += 1 }
        } else if text.at(at) == 0x23 {  // #
            at += 1
        } else {
            return
        }
        if text.at(at) == 0x20 { at += 1 }
        let digits = at
        while text.isDigit(at), at - digits < 7 { at += 1 }
        if at > digits, at - digits <= 6, !text.isWord(at) { extensionEnd = at }
    }

    var shape: Shape { Shape(groups) }

    /// The one separator between all groups; 0 when there is one group, nil when they differ.
    var separator: UInt8? {
        guard groups.count > 1 else { return 0 }
        let first = groups[1].separator
        for place in 2..<max(2, groups.count) where groups[place].separator != first { return nil }
        return first
    }

    /// The values of all digits; those behind the twentieth are left out.
    func digits(_ text: Text) -> Digits {
        var digits = Digits()
        for group in groups {
            for place in group.start..<group.end {
                guard digits.count < Digits.capacity else { return digits }
                digits.append(text[place] - 0x30)
            }
        }
        return digits
    }

    /// The run without its groups behind `count`.
    func prefix(_ count: Int) -> NumberRun {
        guard count < groups.count else { return self }
        var copy = self
        copy.groups.cut(to: count)
        copy.end = groups[count - 1].end
        copy.digitCount = 0
        for place in 0..<count { copy.digitCount += groups[place].count }
        copy.extensionEnd = 0
        return copy
    }
}
