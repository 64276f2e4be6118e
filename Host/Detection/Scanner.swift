/// Finds what identifies somebody in one text, in one pass over its bytes, or in two when names are looked for as well.
///
/// Linear in the text's length, and in memory bounded by what it finds: every recogniser looks at no more than `reach` bytes
/// around the place that called it. What nothing can begin at is passed over here; the recognisers do not rely on that, and
/// a test holds this pass equal to one that asks them everywhere.
public struct Scanner: Sendable {
    /// What is surer than this is reported.
    public static let threshold = 0.45

    /// No recogniser looks at a byte that is farther than this from the digit, `@`, `:` or `=` that called it.
    static let reach = 8192

    private let contextual: Contextual?

    /// What a scanner looks for.
    public enum Scope: Sendable {
        /// What has a form or a check digit.
        case structured
        /// Names, places, organisations, addresses, dates and ages as well.
        case all
    }

    /// What is reported; nil for everything of the scope.
    private let types: Set<EntityType>?
    /// Whether anything is asked for that only `Forms` knows; most of the time goes there.
    private let asksForms: Bool

    /// - Parameters:
    ///   - lexicon: dictionaries for `.all`; without them only what the words around give away is found.
    ///   - types: the only ones that are looked for; of what else a number may be nothing is said. Nil for all.
    public init(_ scope: Scope = .structured, lexicon: Lexicon = .empty, types: Set<EntityType>? = nil) {
        contextual = scope == .all ? Contextual(lexicon: lexicon) : nil
        self.types = types
        asksForms = types.map { !$0.isDisjoint(with: Forms.types) } ?? true
    }

    /// The entities of a text in order, without overlaps: of two that overlap the surer one stays, then the longer.
    public func entities(in text: some Sequence<UInt8>) -> [Entity] {
        if let found = text.withContiguousStorageIfAvailable({ entities(in: $0) }) { return found }
        return Array(text).withUnsafeBufferPointer { entities(in: $0) }
    }

    /// As above; the bytes are borrowed for the call.
    public func entities(in bytes: UnsafeBufferPointer<UInt8>) -> [Entity] { entities(in: bytes, work: nil) }

    func entities(in bytes: UnsafeBufferPointer<UInt8>, work: Work?) -> [Entity] {
        var finds = Finds()
        var pieces = Pieces(bytes, work: work)
        while let piece = pieces.next() {
            piece.read { text, from, until in
                let next = Self.scan(text, from, until, asksForms: asksForms) {
                    if contextual != nil || isAsked($0) { finds.keep(piece.original($0), count: $0.count) }
                }
                pieces.go(on: piece.original(next))
            }
        }
        guard let contextual else { return finds.entities }
        let found = contextual.entities(in: Text(bytes, work: work), besides: finds.entities)
        return types == nil ? found : found.filter(isAsked)
    }

    private func isAsked(_ entity: Entity) -> Bool { types?.contains(entity.type) ?? true }

    /// Calls the recognisers from `from` on and in front of `until`; returns the place behind what was looked at.
    private static func scan(
        _ text: Text, _ from: Int, _ until: Int, asksForms: Bool, found: (Entity) -> Void
    ) -> Int {
        var triggers = Triggers(text)
        var next = from
        while true {
            let at = triggers.next(from: next)
            guard at < until else { return max(next, until) }
            next = at + 1
            let entity: Entity?
            switch text[at] {
            case 0x40: entity = Written.email(text, at: at)
            case 0x3A:
                let address =
                    text.isHexadecimal(at + 1) || text.at(at + 1) == 0x3A ? Written.colons(text, at: at) : nil
                entity = address ?? (asksForms ? Forms.assignment(text, at: at) : nil)
            case 0x3D: entity = asksForms ? Forms.assignment(text, at: at) : nil
            default:
                if asksForms, let form = Forms.digit(text, at: at) {
                    entity = form
                    break
                }
                if let end = plain(text, at, triggers.signs(at)) {
                    next = end
                    continue
                }
                next = text.endOfDigits(at)
                entity = digits(text, at, &next)
            }
            if let entity {
                found(entity)
                if asksForms, entity.type == .iban, let code = Accounts.code(text, beside: entity) { found(code) }
                next = max(next, entity.end)
            }
        }
    }

    // MARK: What nothing begins at

    /// Where to go on behind a short number, a price, a time or a date; nil when the digits at `at` may be something.
    ///
    /// A run of fewer than seven digits in fewer than four groups is no number and no address, nor is what is left of it
    /// behind its first group. Only letters and signs at its ends can make a token of one of its groups.
    private static func plain(_ text: Text, _ at: Int, _ signs: (digits: UInt64, separators: UInt64)) -> Int? {
        let joints = signs.separators & (signs.digits << 1) & (signs.digits >> 1)
        let length = (~(signs.digits | joints)).trailingZeroBitCount
        guard length < 32, !isASCIILetter(text.at(at - 1)) else { return nil }
        let inside: UInt64 = (1 << UInt64(length)) - 1
        let digits = signs.digits & inside
        let end = at + length
        let isShort = digits.nonzeroBitCount < Numbers.fewestDigits && (joints & inside).nonzeroBitCount < 3
        guard isShort || isDate(text, at, digits) else { return nil }
        let right = text.at(end)
        if isASCIILetter(right) {
            // The last group may be a part of a token.
            let last = 63 - (digits & ~(digits << 1)).leadingZeroBitCount
            return last > 0 ? at + last : nil
        }
        guard right != 0x2B, right != 0x2D, NumberRun.separator(text, end) == nil else { return nil }
        return end
    }

    /// `2020-06-20`, with the hour and a colon behind it or not, as `Numbers.isDate` knows it.
    private static func isDate(_ text: Text, _ at: Int, _ digits: UInt64) -> Bool {
        let isAlone = digits == 0b11_0110_1111
        guard isAlone || (digits == 0b1_1011_0110_1111 && text[at + 10] == 0x20 && text.at(at + 13) == 0x3A) else {
            return false
        }
        let sign = text[at + 4]
        guard sign == 0x2D || sign == 0x2F || sign == 0x2E, text[at + 7] == sign, text[at] == 0x31 || text[at] == 0x32,
            text.at(at - 1) != 0x28, text.at(at - 1) != 0x2B
        else { return false }
        let month = Int(text[at + 5] - 0x30) * 10 + Int(text[at + 6] - 0x30)
        let day = Int(text[at + 8] - 0x30) * 10 + Int(text[at + 9] - 0x30)
        return 1...12 ~= month && 1...31 ~= day
    }

    static func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    /// What the digits at `at` are a part of.
    ///
    /// - Parameter next: behind the digits; moved behind what else was looked at.
    private static func digits(_ text: Text, _ at: Int, _ next: inout Int) -> Entity? {
        let count = next - at
        let left = text.at(at - 1)
        let right = text.at(next)
        // Longer than anything, or stuck to a letter that nothing begins with.
        guard count <= NumberRun.maximumDigits, left < 0x80 || !text.isWord(at - 1) else { return nil }
        if isASCIILetter(left) {
            if let entity = Written.iban(text, at: at) { return entity }
            if let entity = token(text, at, &next) { return entity }
            // A number may stand behind a letter only when that is the `n` of `\n`.
            return text.at(at - 2) == 0x5C ? run(text, at) : nil
        }
        if isASCIILetter(right) {
            if let entity = token(text, at, &next) { return entity }
            // Of the letters only those of an extension may follow: `x12`, `ext 12`.
            guard right | 0x20 == 0x78 || right | 0x20 == 0x65, count >= Numbers.fewestDigits else { return nil }
            return run(text, at)
        }
        guard right < 0x80 || !text.isWord(next) else { return nil }
        if count == 9 || count == 18 || ((right == 0x2D || right == 0x2B) && count > 2) {
            if let entity = NationalToken.entity(text, at: at) { return entity }
        }
        return run(text, at)
    }

    /// The identity number that a token of letters and digits is.
    ///
    /// - Parameter next: moved behind the token: all of its digits belong to the same token, and no account or number begins
    ///   at those behind its first.
    private static func token(_ text: Text, _ at: Int, _ next: inout Int) -> Entity? {
        next = text.endOfToken(at)
        return next - at <= NationalToken.longest ? NationalToken.entity(text, at: at) : nil
    }

    private static func run(_ text: Text, _ at: Int) -> Entity? {
        let run = NumberRun(text, at: at)
        // Too few digits for a number, and no four groups of an address.
        guard run.digitCount >= Numbers.fewestDigits || run.groups.count >= 4 else { return nil }
        return whole(run, text)
    }

    /// The run, or a beginning of it: a number and a year, or two numbers with a blank between them.
    static func whole(_ run: NumberRun, _ text: Text) -> Entity? {
        var hints = Hints(text, before: run.start)
        if let entity = Numbers.entity(run, in: text, &hints) { return entity }
        guard run.groups.count > 1, !Numbers.isDate(run, text) else { return nil }
        var count = run.groups.count
        var digits = run.digitCount
        while count > 1 {
            count -= 1
            digits -= run.groups[count].count
            // What is left of an address is no other one, and of a number it has fewer digits still.
            guard digits >= Numbers.fewestDigits else { return nil }
            if digits <= Numbers.mostDigits, run.groups[count].separator == 0x20,
                let entity = Numbers.entity(run.prefix(count), in: text, &hints)
            {
                return entity
            }
        }
        return nil
    }
}

/// What was found so far, in order and without overlaps.
struct Finds {
    private var kept: [Entity] = []
    /// The length of the last as it was read, without the signs that nobody sees.
    private var lengths: [Int] = []

    /// Of two that overlap the surer one stays, then the longer.
    ///
    /// - Parameter count: its length as it was read.
    mutating func keep(_ entity: Entity, count: Int) {
        while let last = kept.last, last.end > entity.start {
            let isBetter = entity.score != last.score ? entity.score > last.score : count > lengths[lengths.count - 1]
            guard isBetter else { return }
            kept.removeLast()
            lengths.removeLast()
        }
        kept.append(entity)
        lengths.append(count)
    }

    var entities: [Entity] {
        kept.contains { $0.score < Scanner.threshold } ? kept.filter { $0.score >= Scanner.threshold } : kept
    }
}
