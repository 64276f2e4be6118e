/// The automaton of a pattern: deterministic by the rule of one way, and no larger than the pattern written out.
///
/// A state is a place in `table`: the row of it begins there, one entry a class. 0 is the dead state; then come states
/// that do not end a match, then those that do; in the middle of these, from `loops.lowerBound` on, lie the states that
/// some characters lead back to. A pattern whose classes have borders in ASCII alone reads bytes: the first byte of a
/// longer scalar is of the scalar's class, and the bytes behind it lead every state but the first to itself. Other
/// patterns decode scalars beyond ASCII.
///
/// `@unchecked Sendable`: the memory is written in `init` alone.
final class RegexProgram: @unchecked Sendable {
    let startsAtBeginning: Bool
    let endsAtEnd: Bool
    let canMatchEmpty: Bool
    /// Fewest bytes of a match.
    let leastBytes: Int
    let group: Group

    let start: UInt16
    let firstAccepting: UInt16
    let loops: Range<UInt16>
    /// Never decodes.
    let readsBytes: Bool
    /// Entries of a row.
    let stride: Int
    /// The dead state among them.
    let stateCount: Int
    /// Next states.
    let table: UnsafeMutablePointer<UInt16>
    /// At the place of a state: 0 before the group, 1 inside, 2 behind it.
    let zones: UnsafeMutablePointer<UInt8>
    /// At the place of a state of `loops`: where in `loopBytes` its 256 bytes begin, in units of 256.
    let loopPlaces: UnsafeMutablePointer<UInt16>
    /// By byte: 1 when it leads from the state to itself.
    let loopBytes: UnsafeMutablePointer<UInt8>
    /// Class of each byte.
    let byteClasses: UnsafeMutablePointer<UInt8>
    /// By byte: 1 when a match that is not empty can begin with it.
    let beginnings: UnsafeMutablePointer<UInt8>
    /// The only byte that a match can begin with.
    let beginning: UInt8?
    /// Every match is the longest run of the bytes of `beginnings`.
    let isRun: Bool
    /// The first scalars of ranges of one class, and the classes.
    let rangeStarts: UnsafeMutablePointer<UInt32>
    let rangeClasses: UnsafeMutablePointer<UInt8>
    let rangeCount: Int

    /// How the group of a match is found.
    enum Group {
        case none
        /// Bytes before and behind it are known.
        case beside(Int, Int)
        case walk(canBeAbsent: Bool)
    }

    static let maximumEntries = 32_767

    /// What can come next, by number, and where it lies as seen from the group.
    private struct State: Hashable {
        let follow: Int
        let zone: UInt8
    }

    /// Of the state that nothing leads to.
    private static let startZone: UInt8 = 3

    /// `built` obeys the rule of one way.
    init(
        _ pattern: RegexParser.Pattern, _ built: RegexPositions, _ alphabet: RegexAlphabet
    ) throws(RegexMistake) {
        let tree = pattern.tree
        startsAtBeginning = pattern.startsAtBeginning
        endsAtEnd = pattern.endsAtEnd
        canMatchEmpty = tree.canBeEmpty
        leastBytes = tree.width.least
        let beside = tree.besideGroup
        if let found = tree.group {
            if let before = beside.before, let behind = beside.behind {
                group = .beside(before, behind)
            } else {
                group = .walk(canBeAbsent: found.canBeAbsent)
            }
        } else {
            group = .none
        }
        readsBytes = alphabet.isPlain
        stride = alphabet.count + (alphabet.isPlain ? 1 : 0)

        // States that go on alike and lie in one zone are one.
        var numbers: [RegexPositions.Follow: Int] = [:]
        let follows = built.follows.map { follow -> Int in
            let number = numbers[follow] ?? numbers.count
            numbers[follow] = number
            return number
        }
        let first = State(follow: follows[built.start], zone: Self.startZone)
        let states = built.positions.map { position -> State in
            State(
                follow: follows[position.follow],
                zone: position.zone == .before ? 0 : position.zone == .inside ? 1 : 2)
        }
        var contents: [State: RegexPositions.Follow] = [first: built.follows[built.start]]
        for (state, position) in zip(states, built.positions) { contents[state] = built.follows[position.follow] }
        var ends: [[State]] = [[], [], [], []]
        var seen: Set<State> = []
        for state in [first] + states where seen.insert(state).inserted {
            guard let content = contents[state] else { continue }
            let isLoop = content.positions.contains { states[$0] == state }
            ends[content.isEnd ? (isLoop ? 2 : 3) : (isLoop ? 1 : 0)].append(state)
        }
        let order = ends.flatMap { $0 }
        stateCount = order.count + 1
        let size = stateCount * stride
        guard size <= Self.maximumEntries else {
            throw .tooManyStates("it tells \(stride) kinds of characters apart in \(stateCount) states")
        }
        var rows: [State: UInt16] = [:]
        for (number, state) in order.enumerated() { rows[state] = UInt16((number + 1) * stride) }
        start = rows[first] ?? 0
        let loopCount = ends[1].count + ends[2].count
        firstAccepting = UInt16((1 + ends[0].count + ends[1].count) * stride)
        loops = UInt16((1 + ends[0].count) * stride)..<UInt16((1 + ends[0].count + loopCount) * stride)

        table = Self.zeros(size)
        zones = Self.zeros(size)
        loopPlaces = Self.zeros(size)
        byteClasses = Self.zeros(256)
        beginnings = Self.zeros(256)
        rangeCount = alphabet.starts.count
        rangeStarts = Self.zeros(rangeCount)
        rangeClasses = Self.zeros(rangeCount)
        for place in 0..<rangeCount {
            rangeStarts[place] = alphabet.starts[place]
            rangeClasses[place] = alphabet.classes[place]
        }
        for byte in 0..<256 where byte < 0x80 || readsBytes {
            // Without borders beyond ASCII, the class of U+0080 is that of all longer scalars.
            byteClasses[byte] =
                byte >= 0x80 && byte < 0xC0 ? UInt8(stride - 1) : alphabet.classOf(UInt32(min(byte, 0x80)))
        }
        for state in order {
            let row = Int(rows[state] ?? 0)
            zones[row] = state.zone == Self.startZone ? 0 : state.zone
            for number in contents[state]?.positions ?? [] {
                let next = rows[states[number]] ?? 0
                for place in alphabet.members[built.positions[number].set] { table[row + place] = next }
            }
            if readsBytes, state != first { table[row + stride - 1] = UInt16(row) }
        }
        // Loops over the same characters share their bytes.
        var shared: [[UInt8]: Int] = [:]
        for row in Swift.stride(from: Int(loops.lowerBound), to: Int(loops.upperBound), by: stride) {
            var bytes = [UInt8](repeating: 0, count: 256)
            for byte in 0..<256 where byte < 0x80 || readsBytes {
                bytes[byte] = table[row + Int(byteClasses[byte])] == UInt16(row) ? 1 : 0
            }
            let known = shared[bytes] ?? shared.count
            shared[bytes] = known
            loopPlaces[row] = UInt16(known)
        }
        loopBytes = Self.zeros(max(1, shared.count) * 256)
        for (bytes, known) in shared { for byte in 0..<256 { loopBytes[known * 256 + byte] = bytes[byte] } }
        for place in 0..<rangeCount where table[Int(start) + Int(rangeClasses[place])] != 0 {
            let last = place + 1 < rangeCount ? rangeStarts[place + 1] - 1 : ScalarSet.last
            for byte in Self.lead(rangeStarts[place])...Self.lead(last) { beginnings[byte] = 1 }
        }
        var single: UInt8?
        var count = 0
        for byte in 0..<256 where beginnings[byte] == 1 {
            single = UInt8(byte)
            count += 1
        }
        beginning = count == 1 ? single : nil
        isRun = readsBytes && tree.isRun && !startsAtBeginning && !endsAtEnd
        // Of a run the bytes of a character are all in it or all outside.
        if isRun { for byte in 0x80..<0xC0 { loopBytes[byte] = loopBytes[0xFF] } }
    }

    private static func zeros<T: FixedWidthInteger>(_ count: Int) -> UnsafeMutablePointer<T> {
        let made = UnsafeMutablePointer<T>.allocate(capacity: count)
        made.initialize(repeating: 0, count: count)
        return made
    }

    /// The first byte of a scalar's UTF-8.
    private static func lead(_ scalar: UInt32) -> Int {
        if scalar < 0x80 { return Int(scalar) }
        if scalar < 0x800 { return Int(0xC0 | scalar >> 6) }
        return scalar < 0x1_0000 ? Int(0xE0 | scalar >> 12) : Int(0xF0 | scalar >> 18)
    }

    deinit {
        table.deallocate()
        zones.deallocate()
        loopPlaces.deallocate()
        loopBytes.deallocate()
        byteClasses.deallocate()
        beginnings.deallocate()
        rangeStarts.deallocate()
        rangeClasses.deallocate()
    }
}
