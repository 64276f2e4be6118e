/// What dictionaries say of a word.
struct WordClass: OptionSet, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }
    private init(bit: Int) { rawValue = 1 << UInt64(bit) }

    // Bits 0 to 9 count: how common a given name, a family name, a town and an ordinary word is, and what may follow.
    var given: Int { Int(rawValue & 3) }
    var family: Int { Int(rawValue >> 2 & 3) }
    var city: Int { Int(rawValue >> 4 & 3) }
    /// 0: no ordinary word of English, 1: a rare one, 2: a common one.
    var word: Int { Int(rawValue >> 6 & 3) }

    static let startsPhrase = WordClass(bit: 8)
    static let stop = WordClass(bit: 10)
    static let title = WordClass(bit: 11)
    static let honorific = WordClass(bit: 12)
    static let degree = WordClass(bit: 13)
    static let particle = WordClass(bit: 14)
    static let orgSuffix = WordClass(bit: 15)
    static let orgWord = WordClass(bit: 16)
    static let orgHead = WordClass(bit: 17)
    static let country = WordClass(bit: 18)
    static let state = WordClass(bit: 19)
    static let stateCode = WordClass(bit: 20)
    static let group = WordClass(bit: 21)
    static let groupWeak = WordClass(bit: 22)
    static let month = WordClass(bit: 23)
    static let weekday = WordClass(bit: 24)
    static let street = WordClass(bit: 25)
    static let streetFront = WordClass(bit: 26)
    static let unit = WordClass(bit: 27)
    static let box = WordClass(bit: 28)
    static let number = WordClass(bit: 29)
    static let say = WordClass(bit: 30)
    static let personVerb = WordClass(bit: 31)
    static let personBefore = WordClass(bit: 32)
    static let personLabel = WordClass(bit: 33)
    static let orgLabel = WordClass(bit: 34)
    static let placeLabel = WordClass(bit: 35)
    static let addressLabel = WordClass(bit: 36)
    static let zipLabel = WordClass(bit: 37)
    static let dateLabel = WordClass(bit: 38)
    static let placeBefore = WordClass(bit: 39)
    static let placeVerb = WordClass(bit: 40)
    static let placeAfter = WordClass(bit: 41)
    static let orgBefore = WordClass(bit: 42)
    static let orgVerb = WordClass(bit: 43)
    static let orgAfter = WordClass(bit: 44)
    static let job = WordClass(bit: 45)
    static let calendar = WordClass(bit: 46)
    static let ageLabel = WordClass(bit: 47)
    static let nameEnding = WordClass(bit: 48)
    static let cityEnding = WordClass(bit: 49)
    static let streetEnding = WordClass(bit: 50)

    static let anyLabel: WordClass = [
        .personLabel, .orgLabel, .placeLabel, .addressLabel, .zipLabel, .dateLabel,
    ]
    static let ending: WordClass = [.nameEnding, .cityEnding, .streetEnding]

    /// The names of sections in the files.
    fileprivate static let sections: [String: WordClass] = {
        var sections: [String: WordClass] = [
            "stop": .stop, "title": .title, "honorific": .honorific, "degree": .degree,
            "particle": .particle,
            "orgsuffix": .orgSuffix, "orgword": .orgWord, "orghead": .orgHead, "country": .country,
            "state": .state,
            "statecode": .stateCode, "group": .group, "groupweak": .groupWeak, "month": .month,
            "weekday": .weekday,
            "street": .street, "streetfront": .streetFront, "unit": .unit, "pobox": .box,
            "number": .number,
            "say": .say, "personverb": .personVerb, "personbefore": .personBefore,
            "personlabel": .personLabel,
            "orglabel": .orgLabel, "placelabel": .placeLabel, "addresslabel": .addressLabel,
            "ziplabel": .zipLabel,
            "datelabel": .dateLabel, "placebefore": .placeBefore, "placeverb": .placeVerb,
            "placeafter": .placeAfter,
            "orgbefore": .orgBefore, "orgverb": .orgVerb, "orgafter": .orgAfter, "job": .job,
            "calendar": .calendar,
            "agelabel": .ageLabel, "namesuffix": .nameEnding, "citysuffix": .cityEnding,
            "streetsuffix": .streetEnding,
        ]
        for count: UInt64 in 1...3 {
            sections["given\(count)"] = WordClass(rawValue: count)
            sections["family\(count)"] = WordClass(rawValue: count << 2)
            sections["city\(count)"] = WordClass(rawValue: count << 4)
            sections["word\(count)"] = WordClass(rawValue: count << 6)
        }
        return sections
    }()
}

/// Dictionaries of names, places and the words around them.
///
/// Words stand as hashes in one open-addressed table: no text is kept, and a look-up makes none. Built once, read by any
/// thread.
public struct Lexicon: Sendable {
    /// A file that is no dictionary.
    public struct Malformed: Error, Sendable, Equatable {
        public let file: String
        /// From 1.
        public let line: Int
        public let reason: String
    }

    /// The files of `registry/detection` that make up a lexicon, in any order.
    public static let files = ["given.txt", "places.txt", "surnames.txt", "terms.txt", "words.txt"]
    /// A lexicon without words: what cues alone give away is found.
    public static let empty = Lexicon(capacity: 16)

    private var tags: [UInt32]
    private var values: [UInt64]
    private let mask: Int
    /// Different words and phrases.
    public private(set) var count = 0

    private init(capacity: Int) {
        tags = [UInt32](repeating: 0, count: capacity)
        values = [UInt64](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    /// Reads dictionaries from the bytes of their files.
    ///
    /// - Throws: `Malformed` for an unknown section or a line whose prefix is longer than the word before it.
    public init(_ files: [(name: String, bytes: [UInt8])]) throws(Malformed) {
        // A line is at least three bytes; a word is three to a line in front-coded files.
        let bytes = files.reduce(0) { $0 + $1.bytes.count }
        var capacity = 1 << 10
        while capacity < bytes / 3 { capacity <<= 1 }
        self.init(capacity: capacity)
        for file in files {
            var reader = DictionaryReader(name: file.name)
            let result = file.bytes.withUnsafeBufferPointer { buffer in
                reader.read(buffer) { hash, next, value in
                    insert(hash, value)
                    if let next { insert(next, WordClass.startsPhrase.rawValue) }
                }
            }
            if case .failure(let error) = result { throw error }
        }
    }

    private mutating func insert(_ hash: UInt64, _ value: UInt64) {
        let mixed = Self.mix(hash)
        let tag = UInt32(truncatingIfNeeded: mixed >> 32) | 1
        var place = Int(truncatingIfNeeded: mixed) & mask
        while tags[place] != 0, tags[place] != tag { place = (place + 1) & mask }
        if tags[place] == 0 {
            // Room is left by how the capacity was chosen; a table that is nearly full would make look-ups slow.
            guard count < mask - mask / 8 else { return }
            tags[place] = tag
            count += 1
        }
        // Of two counts of the same kind the higher stands.
        var merged = values[place] | value
        for shift: UInt64 in [0, 2, 4, 6] {
            let high = max(values[place] >> shift & 3, value >> shift & 3)
            merged = merged & ~(3 << shift) | high << shift
        }
        values[place] = merged
    }

    func classes(_ hash: UInt64) -> WordClass {
        let mixed = Self.mix(hash)
        let tag = UInt32(truncatingIfNeeded: mixed >> 32) | 1
        var place = Int(truncatingIfNeeded: mixed) & mask
        while tags[place] != 0 {
            if tags[place] == tag { return WordClass(rawValue: values[place]) }
            place = (place + 1) & mask
        }
        return []
    }

    // MARK: Hashes

    static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Endings stand in the same table behind a seed of their own.
    static let endingSeed: UInt64 = 0x9AE1_6A3B_2F90_404F
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    static func step(_ hash: UInt64, _ scalar: UInt32) -> UInt64 { (hash ^ UInt64(scalar)) &* prime }
    /// The hash of a phrase from that of its beginning and the next word's.
    static func join(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        (hash &* 31 ^ word) &* prime &+ 0x51
    }

    private static func mix(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        mixed ^= mixed >> 32
        mixed = mixed &* 0xD6E8_FEB8_6659_FD93
        mixed ^= mixed >> 32
        return mixed
    }
}

/// Reads one file of a lexicon: `= class` begins front-coded words, `: class` words parted by commas.
private struct DictionaryReader {
    let name: String
    private var line = 0
    private var word: [UInt8] = []

    init(name: String) { self.name = name }

    mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ found: (_ hash: UInt64, _ first: UInt64?, _ value: UInt64) -> Void
    ) -> Result<Void, Lexicon.Malformed> {
        var section: WordClass?
        var isCoded = false
        var at = 0
        while at < bytes.count {
            var end = at
            while end < bytes.count, bytes[end] != 0x0A { end += 1 }
            line += 1
            let start = at
            at = end + 1
            guard end > start, bytes[start] != 0x23 else { continue }
            if bytes[start] == 0x3D || bytes[start] == 0x3A, end > start + 2, bytes[start + 1] == 0x20 {
                let title = String(decoding: bytes[start + 2..<end], as: UTF8.self)
                guard let known = WordClass.sections[title] else {
                    return failure("\(title) is no section")
                }
                section = known
                isCoded = bytes[start] == 0x3D
                word.removeAll(keepingCapacity: true)
                continue
            }
            guard let section else { return failure("a word stands in front of the first section") }
            if isCoded {
                guard let shared = Self.count(bytes[start]), shared <= word.count else {
                    return failure("more is shared than the word before has")
                }
                word.removeLast(word.count - shared)
                word.append(contentsOf: bytes[start + 1..<end])
                emit(section, found)
            } else {
                var from = start
                for place in start...end where place == end || bytes[place] == 0x2C {
                    word.removeAll(keepingCapacity: true)
                    word.append(contentsOf: bytes[from..<place])
                    emit(section, found)
                    from = place + 1
                }
            }
        }
        return .success(())
    }

    private func emit(_ section: WordClass, _ found: (UInt64, UInt64?, UInt64) -> Void) {
        let isEnding = !section.isDisjoint(with: .ending)
        var phrase: UInt64?
        var first: UInt64 = 0
        var current = isEnding ? Lexicon.endingSeed : Lexicon.seed
        var isOpen = false
        func close() {
            guard isOpen else { return }
            if let begun = phrase {
                phrase = Lexicon.join(begun, current)
            } else {
                (phrase, first) = (current, current)
            }
            current = Lexicon.seed
            isOpen = false
        }
        word.withUnsafeBufferPointer { buffer in
            let text = Text(buffer)
            var at = 0
            while at < text.count {
                let (scalar, length) = Letters.scalar(text, at)
                if scalar == 0x20 || scalar == 0x27 || scalar == 0x2D {
                    close()
                } else {
                    let folded = Letters.fold(scalar)
                    if folded != 0 { current = Lexicon.step(current, folded) }
                    isOpen = true
                }
                at += length
            }
        }
        close()
        if let phrase { found(phrase, phrase == first ? nil : first, section.rawValue) }
    }

    /// The value of a digit of base 36.
    private static func count(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x61...0x7A: Int(byte) - 0x61 + 10
        default: nil
        }
    }

    private func failure(_ reason: String) -> Result<Void, Lexicon.Malformed> {
        .failure(Lexicon.Malformed(file: name, line: line, reason: reason))
    }
}
