internal import Columnar

extension TypedProgram {
    /// A bound on what a row makes: `perByte` times the bytes of its texts, and `perRow` bytes besides.
    ///
    /// What reads rows in batches sizes them by it, so that no batch grows beyond what was meant.
    public struct Growth: Sendable, Equatable {
        public var perByte: Int
        public var perRow: Int

        static let column = Growth(perByte: 1, perRow: 8)
        /// Values of fixed width, and their texts.
        static let number = Growth(perByte: 0, perRow: 48)

        /// Beyond it nothing is distinguished: no batch of more than a row is sized by it.
        private static let most = 1 << 40

        static func + (a: Growth, b: Growth) -> Growth {
            Growth(perByte: min(a.perByte + b.perByte, most), perRow: min(a.perRow + b.perRow, most))
        }

        func times(_ factor: Int) -> Growth {
            func bounded(_ value: Int) -> Int {
                let (product, overflow) = value.multipliedReportingOverflow(by: factor)
                return overflow ? Self.most : min(product, Self.most)
            }
            return Growth(perByte: bounded(perByte), perRow: bounded(perRow))
        }
    }

    /// Of all outputs together.
    public var growth: Growth {
        var made: [Growth] = []
        func growth(_ source: Source) -> Growth {
            switch source {
            case .column: .column
            case .node(let node): made[node]
            case .integer, .decimal: .number
            }
        }
        /// Whether its text has been through a `case` already: letters are mapped one to one, and a letter has four bytes
        /// at most, however often.
        func isCased(_ node: Node) -> Bool {
            guard case .node(let place)? = node.sources.first, case .changeCase = nodes[place].operation else {
                return false
            }
            return true
        }
        for node in nodes {
            let inputs = node.sources.map(growth)
            made.append(node.type == .text ? Self.growth(node.operation, inputs, isCased: isCased(node)) : .number)
        }
        return outputs.reduce(Growth(perByte: 0, perRow: 0)) { $0 + growth($1.source) }
    }

    private static func growth(_ operation: Operation, _ inputs: [Growth], isCased: Bool) -> Growth {
        let all = inputs.reduce(Growth(perByte: 0, perRow: 0), +)
        switch operation {
        case .changeCase: return isCased ? all : all.times(2)
        case .concat(let concat):
            let separators = concat.separator.utf8.count * max(0, inputs.count - 1)
            return Growth(
                perByte: all.perByte,
                perRow: all.perRow + separators + concat.prefix.utf8.count + concat.suffix.utf8.count)
        case .mapDict(let mapping):
            var longest = mapping.null?.utf8.count ?? 0
            if case .text(let text) = mapping.otherwise { longest = max(longest, text.utf8.count) }
            for value in mapping.map.values { longest = max(longest, value?.utf8.count ?? 0) }
            return Growth(perByte: all.perByte, perRow: all.perRow + longest)
        case .regexSplit(let separator, .join(let text)):
            var least = 1
            if case .text(let separator) = separator { least = separator.utf8.count }
            let times = max(1, (text.utf8.count + least - 1) / least)
            return all.times(times)
        case .dateFormat(let pattern, _): return Growth(perByte: 0, perRow: 48 + pattern.source.utf8.count)
        default: return all
        }
    }
}
