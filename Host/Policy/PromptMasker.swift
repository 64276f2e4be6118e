internal import Contracts
public import Detection
internal import Foundations

/// Masks the texts of one request to a provider: what identifies somebody becomes a typed placeholder, `⟨EMAIL_1⟩`.
///
/// The same value has the same placeholder in all texts of the request; numbers follow the first appearance. Brackets
/// that a text has of its own become placeholders too (`⟨SIGN_1⟩`), so that nobody can write one that the host would
/// take for its own. What is behind the placeholders is in the `vault`, which restores an answer.
public struct PromptMasker: Sendable {
    private let scanner: Scanner
    private let rules: PIIRules
    public private(set) var vault = PlaceholderVault()

    static let signLabel = "SIGN"
    static let removedLabel = "REMOVED"

    init(_ scanner: Scanner, rules: PIIRules) {
        self.scanner = scanner
        self.rules = rules
    }

    /// The next text of the request.
    public mutating func mask(_ text: String) -> MaskedPrompt {
        if Masker.identityForTests { return MaskedPrompt(masked: text) }
        let bytes = Array(text.utf8)
        vault.note(words: Placeholder.words(text))
        var pieces: [Piece] = []
        for entity in scanner.entities(in: bytes) {
            let dataClass = entity.type.dataClass
            let action = rules.action(for: dataClass)
            if action.opens, dataClass.mayBeAllowed { continue }
            let label = action == .drop ? Self.removedLabel : entity.type.label
            pieces.append(Piece(range: entity.start..<entity.end, label: label))
            vault.note(value: Array(bytes[entity.start..<entity.end]), label: label)
        }
        pieces += known(in: bytes, besides: pieces)
        pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + pieces.count * 16)
        var at = 0
        for piece in pieces {
            escape(bytes[at..<piece.range.lowerBound], into: &out)
            let name = vault.name(
                Array(bytes[piece.range]), label: piece.label, isShared: piece.label != Self.removedLabel)
            write(name, into: &out)
            at = piece.range.upperBound
        }
        escape(bytes[at...], into: &out)
        return MaskedPrompt(masked: String(decoding: out, as: UTF8.self), hidesText: !pieces.isEmpty)
    }

    /// A text that an answer to this or another request was restored to: every value that it was restored with is hidden
    /// again, whether a detector would find it or not.
    public mutating func mask(_ restored: RestoredText) -> MaskedPrompt {
        for known in restored.vault.known { vault.note(value: known.value, label: known.label) }
        return mask(restored.text)
    }

    private struct Piece {
        let range: Range<Int>
        let label: String
    }

    /// Where values that were found before stand once more, as whole words: a name that its neighbours gave away in one
    /// place may stand bare in the next.
    private func known(in bytes: [UInt8], besides found: [Piece]) -> [Piece] {
        var byFirst: [UInt8: [PlaceholderVault.Known]] = [:]
        for known in vault.known where known.value.count >= 3 { byFirst[known.value[0], default: []].append(known) }
        guard !byFirst.isEmpty else { return [] }
        for first in byFirst.keys { byFirst[first]?.sort { $0.value.count > $1.value.count } }
        var pieces: [Piece] = []
        var next = 0
        var at = 0
        while at < bytes.count {
            while next < found.count, found[next].range.upperBound <= at { next += 1 }
            if next < found.count, found[next].range.contains(at) {
                at = found[next].range.upperBound
                continue
            }
            let end = next < found.count ? found[next].range.lowerBound : bytes.count
            guard let match = byFirst[bytes[at]]?.first(where: { Self.stands($0.value, in: bytes, at..<end) }) else {
                at += 1
                continue
            }
            pieces.append(Piece(range: at..<(at + match.value.count), label: match.label))
            at += match.value.count
        }
        return pieces
    }

    /// Whether a value stands at the beginning of a range, and no word goes on beyond it.
    private static func stands(_ value: [UInt8], in bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let end = range.lowerBound + value.count
        guard end <= range.upperBound, bytes[range.lowerBound..<end].elementsEqual(value) else { return false }
        let goesOn = end < bytes.count && isWord(value[value.count - 1]) && isWord(bytes[end])
        let began = range.lowerBound > 0 && isWord(value[0]) && isWord(bytes[range.lowerBound - 1])
        return !goesOn && !began
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
    }

    private func write(_ name: String, into out: inout [UInt8]) {
        out.append(contentsOf: String(Placeholder.open).utf8)
        out.append(contentsOf: name.utf8)
        out.append(contentsOf: String(Placeholder.close).utf8)
    }

    /// A stretch of text as it is, but for the brackets in it.
    private mutating func escape(_ bytes: ArraySlice<UInt8>, into out: inout [UInt8]) {
        // Every bracket begins with one of these bytes; hardly any text has them.
        guard bytes.contains(where: { $0 == 0xE2 || $0 == 0xE3 || $0 == 0xEF }) else {
            out += bytes
            return
        }
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            guard Placeholder.isBracket(scalar) else {
                out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                continue
            }
            write(vault.name(Array(String(scalar).utf8), label: Self.signLabel, isValue: false), into: &out)
        }
    }
}

extension PolicyEngine {
    /// A masker for the texts of one request.
    ///
    /// - Parameters:
    ///   - scanner: what finds that which identifies somebody.
    ///   - permit: for `callProvider`.
    public func promptMasker(scanner: Scanner = Scanner(), permit: Permit) -> PromptMasker {
        precondition(permit.action == .callProvider)
        return PromptMasker(scanner, rules: manifest.pii)
    }

    /// A column name as a provider may see it.
    ///
    /// A name is metadata, but a row that was taken for a header has values in its place: a name that holds an `@` or
    /// four digits, whatever lies between them, or anything that a detector finds, is replaced by its shape. What lies
    /// behind 64 scalars is cut off. Other names are shown as they are.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(columnName: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        let shown = String(String.UnicodeScalarView(columnName.unicodeScalars.prefix(64)))
        let hides = Self.mayIdentify(columnName)
        return MaskedPrompt(masked: hides ? Shape.of(Array(shown.utf8)) : shown, hidesText: hides)
    }

    /// A text that belongs to the program itself (a domain's title or alias); nothing in it comes from a source.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(registryText: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        return MaskedPrompt(masked: registryText)
    }

    /// Whether a request is heavy in personal data: something was hidden in a quarter of its texts or more. Its answer is
    /// never cached (ROADMAP §19).
    public static func isPIIHeavy(_ prompts: [MaskedPrompt]) -> Bool {
        let hidden = prompts.count(where: \.hidesText)
        return hidden > 0 && hidden * 4 >= prompts.count
    }

    /// Whether a name holds an `@`, four digits in all, as dates and numbers of telephones do in any notation, or
    /// something that a detector finds.
    public static func mayIdentify(_ name: String) -> Bool {
        var digits = 0
        for scalar in name.unicodeScalars {
            if scalar == "@" { return true }
            if scalar.properties.numericType != nil { digits += 1 }
            if digits >= 4 { return true }
        }
        return !Scanner().entities(in: name.utf8).isEmpty
    }
}
