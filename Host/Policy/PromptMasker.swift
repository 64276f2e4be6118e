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
    public mutating func mask(_ text: String) -> MaskedPrompt { mask(text, restored: []) }

    /// - Parameter restored: what stands in it that was put in the place of placeholders, front to back.
    private mutating func mask(_ text: String, restored: [RestoredText.Value]) -> MaskedPrompt {
        if Masker.identityForTests { return MaskedPrompt(masked: text) }
        let bytes = Array(text.utf8)
        vault.note(words: Placeholder.words(text))
        var pieces: [Piece] = []
        for entity in scanner.entities(in: bytes) {
            let dataClass = entity.type.dataClass
            let action = rules.action(for: dataClass)
            if action.opens, dataClass.mayBeAllowed { continue }
            let label = action == .drop ? Self.removedLabel : entity.type.label
            pieces.append(Piece(range: entity.start..<entity.end, label: label, isKnown: false))
            vault.note(value: Array(bytes[entity.start..<entity.end]), label: label)
        }
        pieces += restored.map { Piece(range: $0.range, label: $0.label, isKnown: true) }
        pieces += vault.knownValues.matches(in: bytes).map { Piece(range: $0.range, label: $0.label, isKnown: true) }
        pieces = Self.apart(pieces)
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

    /// A text that an answer to this or another request was restored to: every value that was put into it is hidden again
    /// where it was put, whatever stands beside it and whether a detector would find it or not.
    public mutating func mask(_ restored: RestoredText) -> MaskedPrompt {
        for known in restored.vault.known { vault.note(value: known.value, label: known.label) }
        return mask(restored.text, restored: restored.values)
    }

    private struct Piece {
        var range: Range<Int>
        let label: String
        /// Whether it is a value that was known before, and not only what a detector makes of this text.
        let isKnown: Bool
    }

    /// The pieces in their order, none over another, and every byte of each in one of them: of two that overlap the one
    /// that holds the other is taken; else a known value stays whole, and the rest of the other is a piece of its own.
    private static func apart(_ pieces: [Piece]) -> [Piece] {
        // What was found stands in front of what is known where both are the same: its class decides how it is shown.
        let sorted = pieces.sorted { a, b in
            if a.range.lowerBound != b.range.lowerBound { return a.range.lowerBound < b.range.lowerBound }
            if a.range.upperBound != b.range.upperBound { return a.range.upperBound > b.range.upperBound }
            return !a.isKnown && b.isKnown
        }
        var kept: [Piece] = []
        for var piece in sorted {
            guard let last = kept.last, piece.range.lowerBound < last.range.upperBound else {
                kept.append(piece)
                continue
            }
            guard piece.range.upperBound > last.range.upperBound else { continue }
            if piece.isKnown, !last.isKnown, piece.range.lowerBound > last.range.lowerBound {
                kept[kept.count - 1].range = last.range.lowerBound..<piece.range.lowerBound
            } else {
                piece.range = last.range.upperBound..<piece.range.upperBound
            }
            kept.append(piece)
        }
        return kept
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

    /// The same, and a name in which the scanner finds somebody is replaced by its shape, too: a row of data may stand
    /// where names do.
    ///
    /// - Parameters:
    ///   - columnName: as it is to be shown.
    ///   - scanner: with a lexicon names of people are found as well.
    ///   - permit: for `callProvider`.
    public func prompt(columnName: String, scanner: Scanner, permit: Permit) -> MaskedPrompt {
        let shown = prompt(columnName: columnName, permit: permit)
        guard !shown.hidesText, !Masker.identityForTests, !scanner.entities(in: columnName.utf8).isEmpty else {
            return shown
        }
        return MaskedPrompt(masked: Shape.of(Array(shown.text.utf8)), hidesText: true)
    }

    /// A text that belongs to the program itself (a domain's title or alias); nothing in it comes from a source.
    ///
    /// - Parameter permit: for `callProvider`.
    public func prompt(registryText: String, permit: Permit) -> MaskedPrompt {
        precondition(permit.action == .callProvider)
        return MaskedPrompt(masked: registryText)
    }

    /// Whether a request is heavy in personal data: something was hidden in a quarter of its texts or more; of a text that
    /// was composed, the names and texts in it count. Its answer is never cached (ROADMAP §19).
    public static func isPIIHeavy(_ prompts: [MaskedPrompt]) -> Bool {
        let hidden = prompts.reduce(0) { $0 + $1.values.hidden }
        return hidden > 0 && hidden * 4 >= prompts.reduce(0) { $0 + $1.values.all }
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
