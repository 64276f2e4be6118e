/// Telephone numbers: E.164 (ITU-T), the North American plan, and national forms that a word or a trunk zero gives away.
enum Phones {
    static func entity(_ run: NumberRun, _ text: Text, _ hints: inout Hints) -> Entity? {
        let end = max(run.end, run.extensionEnd)
        func found(_ score: Double, _ evidence: String) -> Entity {
            Entity(type: .phone, start: run.start, end: end, score: score, evidence: evidence)
        }
        guard (7...18).contains(run.digitCount), run.groups.count <= 7 else { return nil }
        let digits = run.digits(text)
        guard !digits.isOneDigit else { return nil }
        if run.hasPlus {
            guard let code = countryCode(digits, from: 0), (7...15).contains(digits.count) || hasTrunkZero(run, text)
            else {
                return nil
            }
            // A country's code and three digits are no number.
            return digits.count - code >= 6 ? found(0.95, "international prefix") : nil
        }
        let separator = run.separator
        guard
            run.groups.count == 1 || run.hasBracket || separator == 0x20 || separator == 0x2D || separator == 0x2E
                || separator == nil
        else { return nil }
        if separator == nil, run.groups.contains(where: { $0.separator == 0x2F }) { return nil }
        if digits[0] == 0, digits[1] == 0, digits.count >= 10, countryCode(digits, from: 2) != nil {
            return found(0.85, "international prefix")
        }
        let context = hints.context()
        let isNamed = context == .phone || ContextWord.after(text, end) == .phone
        if !isNamed, context == .card || context == .iban || context == .date { return nil }
        if let score = northAmerican(run, digits) {
            if isNamed { return found(0.95, "North American form and word") }
            if run.groups.count == 1, context == .other { return nil }
            return found(score, "North American form")
        }
        guard digits.count <= 13, run.groups.count > 1 || isNamed else { return nil }
        if isNamed { return found(0.75, "word") }
        guard context != .other else { return nil }
        if digits[0] == 0, digits.count >= 9, run.groups.count >= 3 { return found(0.6, "trunk zero") }
        return nil
    }

    /// Whether a bracket holds a zero that is dialled within the country alone: `+44 (0)20 …`.
    private static func hasTrunkZero(_ run: NumberRun, _ text: Text) -> Bool {
        run.groups.contains { $0.separator == 0x28 && $0.count == 1 && text[$0.start] == 0x30 }
    }

    /// 0.85 for a number in groups, 0.5 for ten digits in a row.
    private static func northAmerican(_ run: NumberRun, _ digits: NumberRun.Digits) -> Double? {
        let shape = run.shape
        let isPlain = shape == NumberRun.Shape(10) || (shape == NumberRun.Shape(11) && digits[0] == 1)
        let isGrouped =
            shape == NumberRun.Shape(3, 3, 4) || (shape == NumberRun.Shape(1, 3, 3, 4) && digits[0] == 1)
            || shape == NumberRun.Shape(3, 7)
        guard isPlain || isGrouped else { return nil }
        let first = digits.count - 10
        guard digits[first] >= 2, digits[first + 3] >= 2 else {
            // Numbers that were made up break the plan; brackets or an extension still say what is meant.
            return isGrouped && (run.hasBracket || run.extensionEnd > 0 || run.separator == 0x2D) ? 0.7 : nil
        }
        return isGrouped ? 0.85 : 0.5
    }

    /// The length of the country code that digits begin with from a place on, or nil (ITU-T E.164, assigned codes).
    static func countryCode<Digits: RandomAccessCollection<UInt8>>(_ digits: Digits, from first: Int = 0) -> Int?
    where Digits.Index == Int {
        guard digits.count >= first + 3 else { return nil }
        let three = (Int(digits[first]) * 10 + Int(digits[first + 1])) * 10 + Int(digits[first + 2])
        let length = lengths[three]
        return length > 0 ? Int(length) : nil
    }

    /// The length of the code that three digits begin with; 0 for none.
    private static let lengths: [UInt8] = (0..<1000).map { three in
        if three / 100 == 1 || three / 100 == 7 { return 1 }
        if twoDigits.contains(three / 10) { return 2 }
        return threeDigits.contains(three) ? 3 : 0
    }

    private static let twoDigits: Set<Int> = [
        20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61,
        62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ]
    private static let threeDigits: Set<Int> = Set(
        Array(211...213) + [216, 218] + Array(220...269) + Array(290...299) + Array(350...359)
            + Array(370...389) + Array(420...423) + Array(500...509) + Array(590...599) + Array(670...692)
            + [800, 808, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888] + Array(960...979)
            + Array(992...998))
}
