public import Foundations

/// The values behind the placeholders of one request's prompts. It stays in the host: it cannot be encoded, and printing
/// it shows how many there are.
public struct PlaceholderVault: Sendable {
    /// One placeholder, and what it stands for.
    struct Entry: Sendable {
        /// `EMAIL_1`.
        let name: String
        let label: String
        let value: [UInt8]
        /// Whether an answer may be asked for it. A bracket of the prompt's own text never is.
        let isValue: Bool
    }

    /// What an answer must repeat.
    public enum Requirement: Sendable, Equatable {
        /// Every placeholder of the prompts.
        case all
        /// These, by name (`EMAIL_1`).
        case only(Set<String>)
        /// None: an answer may leave out what it likes.
        case none
    }

    /// A value that must not stand in a prompt of the request, whether it has a placeholder yet or not.
    struct Known: Sendable {
        let value: [UInt8]
        let label: String
    }

    private(set) var entries: [Entry] = []
    private(set) var known: [Known] = []
    private var noted: Set<[UInt8]> = []
    /// To look for them in texts.
    private(set) var knownValues = KnownValues()
    private var byName: [String: Int] = [:]
    private var byValue: [String: [[UInt8]: Int]] = [:]
    private var counts: [String: Int] = [:]
    /// Words of the texts themselves that look like a name; such a word in an answer proves nothing.
    private var ownWords: Set<String> = []

    init() {}

    /// Names of placeholders in the order of their first appearance.
    public var names: [String] { entries.filter(\.isValue).map(\.name) }

    // MARK: Filling it

    /// The name for a value: the one it has already, or the next number of its label.
    ///
    /// - Parameter isShared: false gives every place a name of its own, so that not even equality is told.
    mutating func name(_ value: [UInt8], label: String, isValue: Bool = true, isShared: Bool = true) -> String {
        if isShared, let place = byValue[label]?[value] { return entries[place].name }
        let number = counts[label, default: 0] + 1
        counts[label] = number
        let name = "\(label)_\(number)"
        byName[name] = entries.count
        if isShared { byValue[label, default: [:]][value] = entries.count }
        entries.append(Entry(name: name, label: label, value: value, isValue: isValue))
        return name
    }

    mutating func note(value: [UInt8], label: String) {
        guard noted.insert(value).inserted else { return }
        known.append(Known(value: value, label: label))
        knownValues.insert(value, label: label)
    }

    mutating func note(words: Set<String>) { ownWords.formUnion(words) }

    // MARK: Restoring

    /// An answer with the values in the place of the placeholders.
    ///
    /// Tolerated are other brackets of the same look (`〈EMAIL_1〉`, `＜EMAIL_1＞`), blanks and unseen signs inside them,
    /// other case and full-width letters. ASCII brackets are not: a text may hold `<EMAIL_1>` of its own.
    ///
    /// - Throws: `prompt.placeholder_invented` for a bracket that is not of a known placeholder, and for a known name
    ///   outside of brackets; `prompt.placeholder_lost` for one that is required and missing. No value is in the message.
    public func restore(
        _ answer: String, requiring requirement: Requirement = .all
    ) throws(SluiceError) -> RestoredText {
        let restored = try restore([answer], requiring: requirement)
        return restored[0]
    }

    /// The same for all texts of one answer; what is required may stand in any of them.
    public func restore(
        _ answer: [String], requiring requirement: Requirement = .all
    ) throws(SluiceError) -> [RestoredText] {
        var seen: Set<String> = []
        var texts: [RestoredText] = []
        for text in answer {
            texts.append(try restore(text, seen: &seen))
        }
        let required: [String]
        switch requirement {
        case .all: required = names
        case .only(let wanted): required = names.filter(wanted.contains)
        case .none: required = []
        }
        let lost = required.filter { !seen.contains($0) }
        guard lost.isEmpty else {
            throw SluiceError(
                .promptPlaceholderLost,
                "The answer lacks \(lost.count) of \(required.count) placeholders, among them \(lost[0]).")
        }
        return texts
    }

    private func restore(_ answer: String, seen: inout Set<String>) throws(SluiceError) -> RestoredText {
        var out = String.UnicodeScalarView()
        var size = 0
        var values: [RestoredText.Value] = []
        var outside = String.UnicodeScalarView()
        let scalars = answer.unicodeScalars
        var at = scalars.startIndex
        while at < scalars.endIndex {
            let scalar = scalars[at]
            guard Placeholder.isBracket(scalar) else {
                out.append(scalar)
                size += UTF8.width(scalar)
                outside.append(scalar)
                at = scalars.index(after: at)
                continue
            }
            guard let (name, end) = Placeholder.read(scalars, at: at), let place = byName[name] else {
                throw Self.invented("The answer holds a placeholder that was in no prompt, or a part of one.")
            }
            let entry = entries[place]
            seen.insert(name)
            let text = String(decoding: entry.value, as: UTF8.self)
            out.append(contentsOf: text.unicodeScalars)
            let start = size
            size += text.utf8.count
            if entry.isValue { values.append(RestoredText.Value(range: start..<size, label: entry.label)) }
            outside.append(" ")
            at = end
        }
        for word in Placeholder.words(String(outside)) where byName[word] != nil && !ownWords.contains(word) {
            throw Self.invented("The answer names \(word) without its brackets.")
        }
        return RestoredText(text: String(out), values: values, vault: self)
    }

    private static func invented(_ message: String) -> SluiceError {
        SluiceError(.promptPlaceholderInvented, message)
    }
}

extension PlaceholderVault: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "PlaceholderVault(\(entries.count) placeholders)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An answer in which values stand again. It stays in the host; a prompt takes it through `PromptMasker.mask` alone,
/// which hides every one of its values anew.
public struct RestoredText: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A value that was put in the place of a placeholder.
    struct Value: Sendable {
        /// In bytes of the text.
        let range: Range<Int>
        let label: String
    }

    public let text: String
    /// Front to back.
    let values: [Value]
    let vault: PlaceholderVault

    public var description: String { "RestoredText(\(text.utf8.count) bytes)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// How a placeholder is written: `⟨EMAIL_1⟩`.
enum Placeholder {
    static let open: Unicode.Scalar = "\u{27E8}"
    static let close: Unicode.Scalar = "\u{27E9}"
    /// Signs of the same look that count as the bracket, in answers and in texts that are masked.
    private static let opening: Set<Unicode.Scalar> = [open, "\u{2329}", "\u{3008}", "\u{FF1C}"]
    private static let closing: Set<Unicode.Scalar> = [close, "\u{232A}", "\u{3009}", "\u{FF1E}"]
    private static let longest = 64

    static func isBracket(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x2328 && (opening.contains(scalar) || closing.contains(scalar))
    }

    /// The name between the bracket at a place and the next one, and the place behind that; nil for anything else.
    static func read(
        _ scalars: String.UnicodeScalarView, at start: String.Index
    ) -> (name: String, end: String.Index)? {
        guard opening.contains(scalars[start]) else { return nil }
        var name = ""
        var at = scalars.index(after: start)
        for _ in 0..<longest {
            guard at < scalars.endIndex else { return nil }
            let scalar = scalars[at]
            at = scalars.index(after: at)
            if closing.contains(scalar) { return (name, at) }
            guard !scalar.properties.isWhitespace, !isUnseen(scalar) else { continue }
            guard let sign = sign(scalar) else { return nil }
            name.unicodeScalars.append(Unicode.Scalar(sign))
        }
        return nil
    }

    /// The sign of a name that a scalar stands for: capitals, digits and `_`, also small and full-width.
    private static func sign(_ scalar: Unicode.Scalar) -> UInt8? {
        let plain = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
        switch plain {
        case 0x41...0x5A, 0x30...0x39, 0x5F: return UInt8(plain)
        case 0x61...0x7A: return UInt8(plain - 32)
        default: return nil
        }
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.isASCII
            && (scalar.properties.generalCategory == .format || scalar.properties.isDefaultIgnorableCodePoint)
    }

    /// The words of a text that are names once they are read as those in brackets are: letters, `_` and a number, in
    /// capitals here. Whatever is no letter of a script with case parts words.
    static func words(_ text: String) -> Set<String> {
        var words: Set<String> = []
        var word: [UInt8] = []
        var isName = true
        func end() {
            if isName, word.count <= longest, let last = word.last, last &- 0x30 < 10, word.contains(0x5F) {
                words.insert(String(decoding: word, as: UTF8.self))
            }
            word.removeAll(keepingCapacity: true)
            isName = true
        }
        for scalar in text.unicodeScalars {
            if let sign = sign(scalar) {
                if word.count <= longest { word.append(sign) }
            } else if Joint.of(scalar) == .cased {
                isName = false
            } else if !isUnseen(scalar) {
                end()
            }
        }
        end()
        return words
    }
}
