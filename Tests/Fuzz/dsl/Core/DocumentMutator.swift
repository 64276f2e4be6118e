internal import Foundations

/// SplitMix64: a seed gives the same documents everywhere.
public struct FuzzRandom: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Makes documents that are nearly programs out of programs.
struct DocumentMutator {
    /// A step of every op, with most arguments.
    static let steps = [
        #"{"op":"trim","in":["a"],"as":"r"}"#, #"{"op":"collapse_whitespace","in":["a"],"as":"r"}"#,
        #"{"op":"case","in":["a"],"to":"upper","letters":"basic","as":"r"}"#,
        #"{"op":"regex_extract","in":["a"],"pattern":"^([a-z]+|[0-9]{2,4})x?$","group":1,"as":"r"}"#,
        #"{"op":"regex_split","in":["a"],"pattern":"[,;]+","index":-1,"as":"r"}"#,
        #"{"op":"regex_split","in":["a"],"separator":"--","join":"+","as":"r"}"#,
        #"{"op":"concat","in":["a","b","a"],"separator":"·","nulls":"skip","prefix":"<","suffix":">","as":"r"}"#,
        #"{"op":"map_dict","in":["a"],"map":{"x":"y","":null},"default":{"error":true},"null":"n","as":"r"}"#,
        #"{"op":"unit_convert","in":["i"],"from":"km","to":"mi","type":"decimal(12,3)","as":"r"}"#,
        #"{"op":"unit_convert","in":["f"],"from":"degF","to":"degC","type":"float64","as":"r"}"#,
        #"{"op":"date_parse","in":["a"],"formats":["yyyy-MM-dd","d.M.yy"],"pivot":50,"to":"date","as":"r"}"#,
        #"{"op":"date_parse","in":["a"],"formats":["yyyy-MM-dd'T'HH:mm:ss"],"to":"timestamp","zone":"Europe/Berlin","#
            + #""gap":"later","overlap":"earlier","empty":"error","as":"r"}"#,
        #"{"op":"date_format","in":["d"],"format":"d/M/yyyy","as":"r"}"#,
        #"{"op":"date_format","in":["t"],"format":"yyyy-MM-dd HH:mm:ss.SSSXXX","zone":"America/New_York","as":"r"}"#,
        #"{"op":"type_cast","in":["a"],"to":"decimal(12,2)","grouping":",","currency":["$"],"rounding":"half_away","as":"r"}"#,
        #"{"op":"type_cast","in":["c"],"to":"int64","rounding":"half_away","on_error":"null","as":"r"}"#,
        #"{"op":"type_cast","in":["a"],"to":"timestamp","empty":"error","as":"r"}"#,
        #"{"op":"safe_math","in":["i",-3],"function":"modulo","as":"r"}"#,
        #"{"op":"safe_math","in":["c",{"decimal":"-0.925"}],"function":"divide","to":"decimal(18,9)","as":"r"}"#,
        #"{"op":"safe_math","in":["c"],"function":"absolute","to":"decimal(9,2)","as":"r"}"#,
        #"{"op":"select_when","in":["a","i","i"],"pattern":"^[^x]","as":"r"}"#,
    ]
    static let inputs =
        #"[{"name":"a","type":"text"},{"name":"b","type":"text"},{"name":"i","type":"int64"},{"name":"f","type":"float64"},"#
        + #"{"name":"c","type":"decimal(9,2)"},{"name":"d","type":"date"},{"name":"t","type":"timestamp"},"#
        + #"{"name":"o","type":"bool"},{"name":"z","type":"binary"}]"#

    /// Values that are put where they do not belong.
    private static let strangers: [JSON] = [
        nil, true, 0, -1, 1, 9_007_199_254_740_991, .int(.max), .int(.min), .double(0.5), .double(1e300), "", "a", "i",
        "r", "steps", "\u{0}", "é", "e\u{301}", "text", "decimal(18,18)", "decimal(1,0)", "decimal(0,0)", "int64",
        "binary", "quarantine", "yyyy", "UTC", "Etc/GMT+12", "(a|b)*", "[^a]{0,255}", "(((((", "a{255}{255}", [], [nil],
        ["a", "a"], [1, "a"], [:], ["decimal": "1"], ["keep": true], .string(String(repeating: "x", count: 257)),
        .string(String(repeating: "a?", count: 128)),
    ]
    private static let keys = [
        "op", "in", "as", "to", "map", "default", "null", "index", "join", "group", "zone", "pivot", "on_error", "type",
        "target", "steps", "result", "inputs", "plans", "name", "e\u{301}", "",
    ]

    var random: FuzzRandom

    /// A program of some plans of some steps, whose steps read each other at times.
    mutating func program() -> JSON {
        let plans = (0..<Int.random(in: 1...3, using: &random)).map { number -> JSON in
            var steps: [JSON] = []
            for place in 0..<Int.random(in: 1...5, using: &random) {
                let text = Self.steps.randomElement(using: &random) ?? ""
                guard case .object(var members)? = try? JSONParser.parse(text) else { continue }
                members["as"] = .string("s\(place)")
                if place > 0, Int.random(in: 0..<2, using: &random) == 0 {
                    let before = JSON.string("s\(place - 1)")
                    let names = members["in"]?.arrayValue ?? []
                    members["in"] = .array(names.map { (name: JSON) -> JSON in name == "a" ? before : name })
                }
                steps.append(.object(members))
            }
            return ["target": .string("y\(number)"), "steps": .array(steps), "result": .string("s\(steps.count - 1)")]
        }
        let inputs = (try? JSONParser.parse(Self.inputs)) ?? .array([])
        return ["inputs": inputs, "plans": .array(plans)]
    }

    /// The bytes of a document: sometimes whole, mostly hurt in its values or in its bytes.
    mutating func document() -> [UInt8] {
        var json = program()
        let kind = Int.random(in: 0..<10, using: &random)
        if kind < 6 { for _ in 0..<Int.random(in: 1...3, using: &random) { json = hurt(json) } }
        var bytes = json.canonicalBytes
        if kind >= 5, kind < 8 { for _ in 0..<Int.random(in: 1...4, using: &random) { hurt(&bytes) } }
        return bytes
    }

    /// One value somewhere in the document becomes another, goes, or stands twice.
    private mutating func hurt(_ json: JSON) -> JSON {
        switch json {
        case .object(var members) where !members.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
            // Sorted, so that a seed gives the same document in every process.
            let key = members.keys.sorted().randomElement(using: &random) ?? ""
            switch Int.random(in: 0..<12, using: &random) {
            case 0: members[key] = nil
            case 1: members[Self.keys.randomElement(using: &random) ?? ""] = members[key]
            default: members[key] = hurt(members[key] ?? nil)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
            let place = Int.random(in: 0..<elements.count, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0: elements.remove(at: place)
            case 1: elements.append(elements[place])
            case 2: elements.swapAt(place, Int.random(in: 0..<elements.count, using: &random))
            default: elements[place] = hurt(elements[place])
            }
            return .array(elements)
        case .string(let text) where Int.random(in: 0..<3, using: &random) == 0:
            var scalars = Array(text.unicodeScalars)
            let place = Int.random(in: 0...scalars.count, using: &random)
            scalars.insert(
                contentsOf: "\(Self.strangers.randomElement(using: &random)?.stringValue ?? "(")".unicodeScalars,
                at: place)
            var made = String.UnicodeScalarView()
            made.append(contentsOf: scalars)
            return .string(String(made))
        default: return Self.strangers.randomElement(using: &random) ?? nil
        }
    }

    private mutating func hurt(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let length = min(Int.random(in: 1...24, using: &random), bytes.count - place)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.removeSubrange(place..<place + length)
        case 3: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
        case 4: bytes.insert(contentsOf: Array("[{\"\\,:]}0-e.".utf8).shuffled(using: &random).prefix(3), at: place)
        default: bytes.removeLast(bytes.count - place)
        }
    }
}
