public import Columnar

/// Counts what a column holds, batch by batch; `finish` makes the profile.
///
/// The profile depends on the rows in their order alone, not on how they are cut into batches.
public struct ColumnProfiler: Sendable {
    /// Values after which candidates may be dropped, and how often that is decided.
    static let warmUp = 1000
    static let stride = 250

    public let type: ColumnType
    private var rows = 0
    private var nulls = 0
    private var missing = 0
    private var padded = 0
    private var minimumLength = Int.max
    private var maximumLength = 0
    private var maximumDigits = 0
    private var leadingZeros = 0
    private var sketch = DistinctSketch()
    private var bool = Candidate()
    private var int64 = Candidate()
    private var float64 = Candidate()
    private var forms: [FormCandidate] = FormCandidate.all
    /// Whether any candidate is left.
    private var isJudging = true
    /// Whether any form is left.
    private var hasForms = true

    public init(_ type: ColumnType) { self.type = type }

    private var values: Int { rows - missing }

    /// Adds the rows of a column of this type.
    public mutating func add(_ column: Column) {
        precondition(column.type == type, "a profile is of one type")
        column.withView { view in
            if type == .text { addText(view) } else { addTyped(view) }
        }
    }

    private mutating func addText(_ view: ColumnView) {
        for row in 0..<view.count {
            rows += 1
            guard view.isValid(row) else {
                nulls += 1
                missing += 1
                continue
            }
            let bytes = view.bytes(row)
            let value = WhiteSpace.trimmed(bytes)
            if value.count == 0 {
                missing += 1
                continue
            }
            if value.count != bytes.count { padded += 1 }
            let length = UTF8Scalars.count(bytes)
            if length < minimumLength { minimumLength = length }
            if length > maximumLength { maximumLength = length }
            sketch.insert(ValueHash.hash(bytes))
            if isJudging {
                judge(value)
                let seen = rows - missing
                if seen >= Self.warmUp, seen % Self.stride == 0 { drop(seen) }
            }
        }
    }

    private mutating func addTyped(_ view: ColumnView) {
        for row in 0..<view.count {
            rows += 1
            guard view.isValid(row) else {
                nulls += 1
                missing += 1
                continue
            }
            switch type {
            case .bool: sketch.insert(ValueHash.hash(view.bool(row) ? 1 : 0))
            case .int64:
                sketch.insert(ValueHash.hash(UInt64(bitPattern: view.int64(row))))
                noteDigits(Double(view.int64(row)))
            case .timestamp, .decimal: sketch.insert(ValueHash.hash(UInt64(bitPattern: view.int64(row))))
            case .float64:
                sketch.insert(ValueHash.hash(view.float64(row).bitPattern))
                noteDigits(view.float64(row))
            case .date: sketch.insert(ValueHash.hash(UInt64(UInt32(bitPattern: view.date(row)))))
            case .text, .binary: sketch.insert(ValueHash.hash(view.bytes(row)))
            }
        }
    }

    /// Digits before the point; what is not finite counts as the most there can be.
    private mutating func noteDigits(_ value: Double) {
        var digits = 1
        var bound = 10.0
        while digits < 19, !(value.magnitude < bound) {
            digits += 1
            bound *= 10
        }
        if digits > maximumDigits { maximumDigits = digits }
    }

    // MARK: Candidates

    /// Counts the candidates that a value fits. The value is neither empty nor padded.
    @inline(__always)
    private mutating func judge(_ value: UnsafeRawBufferPointer) {
        let first = value[0]
        let isDigit = first &- 0x30 <= 9
        if bool.isLeft, value.count <= 5 {
            var found = false
            if TextGuard.bool(value, &found) == nil { bool.fits += 1 }
        }
        // Numbers, dates and times begin with a digit or a sign.
        guard isDigit || first == 0x2D || first == 0x2B else { return }
        if int64.isLeft || float64.isLeft { judgeNumber(value) }
        if hasForms, isDigit {
            for place in forms.indices where forms[place].candidate.isLeft && forms[place].fits(value) {
                forms[place].candidate.fits += 1
            }
        }
    }

    private mutating func judgeNumber(_ value: UnsafeRawBufferPointer) {
        var integer: Int64 = 0
        var number = 0.0
        let isInteger = TextGuard.int64(value, &integer) == nil
        guard isInteger || TextGuard.float64(value, &number) == nil else { return }
        float64.fits += 1
        let start = value[0] &- 0x30 <= 9 ? 0 : 1
        var digits = 0
        while start + digits < value.count, value[start + digits] &- 0x30 <= 9 { digits += 1 }
        if digits > 1, value[start] == 0x30 { leadingZeros += 1 }
        if digits > maximumDigits { maximumDigits = digits }
        // An exponent makes a long number of few digits: 4.47911123456E+11 is a phone number, as spreadsheets write it.
        if isInteger { int64.fits += 1 } else { noteDigits(number) }
    }

    /// Drops the candidates that more than 5 % of the values so far do not fit.
    private mutating func drop(_ seen: Int) {
        bool.drop(seen)
        float64.drop(seen)
        int64.drop(seen)
        for place in forms.indices { forms[place].candidate.drop(seen) }
        hasForms = forms.contains { $0.candidate.isLeft }
        isJudging = hasForms || bool.isLeft || int64.isLeft || float64.isLeft
    }

    // MARK: The profile

    /// The profile of all rows so far; more may follow.
    public func finish() -> ColumnProfile {
        var fits: [ColumnType: Int] = [:]
        var formFits: [String: Int] = [:]
        if type == .text {
            if bool.isLeft { fits[.bool] = bool.fits }
            if int64.isLeft { fits[.int64] = int64.fits }
            if float64.isLeft { fits[.float64] = float64.fits }
            for form in forms where form.candidate.isLeft {
                fits[form.type] = max(fits[form.type] ?? 0, form.candidate.fits)
                if form.candidate.fits > 0 { formFits[form.name] = form.candidate.fits }
            }
        } else {
            fits[type] = values
        }
        let whole = values > 0 ? forms.filter { $0.candidate.isLeft && $0.candidate.fits == values } : []
        // A leading zero makes a number a code.
        let order: [ColumnType] = [.bool, .date, .timestamp] + (leadingZeros == 0 ? [.int64, .float64] : [])
        let inferred = values > 0 ? order.first { fits[$0] == values } : nil
        let nearly = order.filter { candidate in
            guard let count = fits[candidate] else { return false }
            return count < values && count * 20 >= values * 19
        }
        return ColumnProfile(
            type: type, rows: rows, nulls: nulls, missing: missing, padded: padded,
            minimumLength: maximumLength > 0 ? minimumLength : nil,
            maximumLength: maximumLength > 0 ? maximumLength : nil,
            maximumDigits: maximumDigits, leadingZeros: leadingZeros, distinct: sketch.estimate,
            distinctIsExact: sketch.isExact, fits: fits, formFits: formFits, forms: whole.map(\.name),
            inferredType: type == .text ? inferred ?? .text : type, nearlyTypes: nearly)
    }
}

/// How many values fit, until too many do not.
struct Candidate: Sendable {
    var fits = 0
    private(set) var isLeft = true

    mutating func drop(_ seen: Int) {
        if isLeft, (seen - fits) * 20 > seen { isLeft = false }
    }
}

/// One way to write a date or a time.
struct FormCandidate: Sendable {
    /// `type_cast`, or a pattern for `date_parse`.
    let name: String
    let type: ColumnType
    /// Nil for what `type_cast` reads.
    private let pattern: DatePattern?
    /// Years that a bare number must lie in to be a date.
    private let isBareNumber: Bool
    private let lengths: ClosedRange<Int>
    var candidate = Candidate()

    /// The forms, of each type the strictest first.
    static let all: [FormCandidate] =
        [
            "yyyy-MM-dd", "MM/dd/yyyy", "dd/MM/yyyy", "M/d/yyyy", "d/M/yyyy", "yyyy/MM/dd", "dd.MM.yyyy", "d.M.yyyy",
            "MM-dd-yyyy", "dd-MM-yyyy", "yyyy.MM.dd", "yyyyMMdd",
        ].compactMap { FormCandidate($0, .date) } + [FormCandidate()]
        + [
            "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm",
            "yyyy/MM/dd HH:mm:ss", "MM/dd/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm:ss", "M/d/yyyy HH:mm:ss",
            "d/M/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "dd/MM/yyyy HH:mm", "M/d/yyyy HH:mm", "d/M/yyyy HH:mm",
            "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "yyyyMMddHHmmss",
        ].compactMap { FormCandidate($0, .timestamp) }

    private init?(_ source: String, _ type: ColumnType) {
        guard let pattern = try? DatePattern(source) else { return nil }
        name = source
        self.type = type
        self.pattern = pattern
        isBareNumber = source.hasPrefix("yyyyMMdd")
        lengths = pattern.minimumLength...pattern.maximumLength
    }

    private init() {
        name = "type_cast"
        type = .timestamp
        pattern = nil
        isBareNumber = false
        lengths = 19...64
    }

    @inline(__always)
    func fits(_ value: UnsafeRawBufferPointer) -> Bool {
        lengths.contains(value.count) && fitsSlowly(value)
    }

    private func fitsSlowly(_ value: UnsafeRawBufferPointer) -> Bool {
        if isBareNumber {
            let year = Digits.fixed(value, at: 0, width: 4)
            guard year >= 1900, year <= 2100 else { return false }
        }
        if let pattern { return pattern.parse(value) != nil }
        var time: Int64 = 0
        return TextGuard.timestamp(value, &time) == nil
    }
}
