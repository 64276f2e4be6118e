/// The automaton of a pattern: deterministic by the rule of one way, and no larger than the pattern written out.
///
/// A state is a place in `table`: the row of it begins there, one entry a class. 0 is the dead state, and states from
/// `firstAccepting` on may end a match. A pattern whose classes have borders in ASCII alone reads bytes: the first byte
/// of a longer scalar is of the scalar's class, and the bytes behind it lead every state but the first to itself. Other
/// patterns decode scalars beyond ASCII.
///
/// `@unchecked Sendable`: the memory is written in `init` alone.
final class RegexProgram: @unchecked Sendable {
    let start: UInt16
    let firstAccepting: UInt16
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
    /// Class of each byte.
    let byteClasses: UnsafeMutablePointer<UInt8>
    /// By byte: 1 when a match that is not empty can begin with it.
    let beginnings: UnsafeMutablePointer<UInt8>
    let alphabet: RegexAlphabet

    static let maximumEntries = 65_535

    private struct State: Hashable {
        let next: [Int]
        let isEnd: Bool
        let zone: UInt8

        init(_ follow: RegexPositions.Follow, zone: UInt8) {
            next = follow.positions
            isEnd = follow.isEnd
            self.zone = zone
        }
    }

    /// Of the state that nothing leads to.
    private static let startZone: UInt8 = 3

    /// `built` obeys the rule of one way.
    init(_ built: RegexPositions, _ alphabet: RegexAlphabet) throws(RegexMistake) {
        self.alphabet = alphabet
        readsBytes = alphabet.isPlain
        stride = alphabet.count + (alphabet.isPlain ? 1 : 0)
        // States that go on alike and lie in one zone are one.
        let first = State(built.follows[built.start], zone: Self.startZone)
        let states = built.positions.map { position -> State in
            let zone: UInt8 = position.zone == .before ? 0 : position.zone == .inside ? 1 : 2
            return State(built.follows[position.follow], zone: zone)
        }
        var seen: Set<State> = []
        let distinct = ([first] + states).filter { seen.insert($0).inserted }
        let order = distinct.filter { !$0.isEnd } + distinct.filter(\.isEnd)
        stateCount = order.count + 1
        let size = stateCount * stride
        guard size <= Self.maximumEntries else {
            throw .tooManyStates("it tells \(stride) kinds of characters apart in \(stateCount) states")
        }
        var rows: [State: UInt16] = [:]
        for (number, state) in order.enumerated() { rows[state] = UInt16((number + 1) * stride) }
        start = rows[first] ?? 0
        firstAccepting = UInt16((1 + distinct.count { !$0.isEnd }) * stride)

        table = .allocate(capacity: size)
        table.initialize(repeating: 0, count: size)
        zones = .allocate(capacity: size)
        zones.initialize(repeating: 0, count: size)
        byteClasses = .allocate(capacity: 256)
        byteClasses.initialize(repeating: 0, count: 256)
        beginnings = .allocate(capacity: 256)
        beginnings.initialize(repeating: 0, count: 256)
        for state in order {
            let row = Int(rows[state] ?? 0)
            zones[row] = state.zone == Self.startZone ? 0 : state.zone
            for number in state.next {
                let next = rows[states[number]] ?? 0
                for place in alphabet.members[built.positions[number].set] { table[row + place] = next }
            }
            if readsBytes, state != first { table[row + stride - 1] = UInt16(row) }
        }
        for byte in 0..<256 {
            if byte < 0x80 || readsBytes {
                // Without borders beyond ASCII, the class of U+0080 is that of all longer scalars.
                byteClasses[byte] = alphabet.classOf(UInt32(min(byte, 0x80)))
            }
            if readsBytes, byte >= 0x80, byte < 0xC0 { byteClasses[byte] = UInt8(stride - 1) }
            if byte < 0x80 || readsBytes {
                beginnings[byte] = table[Int(start) + Int(byteClasses[byte])] == 0 ? 0 : 1
            } else if byte >= 0xC0 {
                beginnings[byte] = 1
            }
        }
    }

    deinit {
        table.deallocate()
        zones.deallocate()
        byteClasses.deallocate()
        beginnings.deallocate()
    }
}
