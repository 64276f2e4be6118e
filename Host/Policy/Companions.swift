internal import Columnar
internal import Contracts
internal import Detection
internal import Foundations

extension Masker {
    /// What a check may ask for beside the masked text, made by the host of the values themselves.
    public enum Companion: String, Sendable, CaseIterable {
        /// Keyed pseudonym of the value, 32 hexadecimal digits; equal values have equal keys.
        case key
        /// Letters → a or A, digits → 9.
        case shape
        /// Unicode scalars.
        case length
        /// Whether form, check digits and calendar are right; null where nothing can be told.
        case valid
        /// Keyed Bloom filter of the value's pairs of letters, 128 bytes: what is like stays like.
        case bloom
    }

    /// One companion of a column.
    ///
    /// What is done to the column's class bounds what its companions tell: of a hashed one whether values are equal and
    /// right, of a pseudonymised one also how like they are, of a dropped one nothing. The others are null then.
    func make(_ companion: Companion, of column: Column, _ exposure: Exposure) -> Column {
        guard companion.isLeft(by: exposure.action) else { return Self.nulls(companion.type, column) }
        switch companion {
        case .shape: return shapes(of: column)
        case .length: return Self.lengths(of: column)
        case .key: return pseudonyms(of: column, prefix: [], bytes: 16)
        case .valid: return Self.validity(of: column, exposure.type)
        case .bloom: return filters(of: column)
        }
    }

    private static func nulls(_ type: ColumnType, _ column: Column) -> Column {
        var builder = ColumnBuilder(type, capacity: column.count)
        for _ in 0..<column.count { builder.appendNull() }
        return builder.finish()
    }

    private static func lengths(of column: Column) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(.int64, capacity: view.count)
            var text: [UInt8] = []
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                text.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                builder.append(int64: Int64(text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }))
            }
            return builder.finish()
        }
    }

    /// HMAC-SHA-256 of each value in hexadecimal, as many bytes of it as are wanted, behind a prefix.
    ///
    /// The type is part of what is authenticated: the text 1 and the integer 1 are not equal. Texts are brought into
    /// Unicode's normal form C first, and no further: two that differ in case or blanks are two values in the target.
    func pseudonyms(of column: Column, prefix: [UInt8], bytes: Int) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(
                .text, capacity: view.count, valueBytes: view.count * (prefix.count + bytes * 2))
            var text: [UInt8] = []
            var mac = [UInt8](repeating: 0, count: 32)
            var made = prefix + [UInt8](repeating: 0, count: bytes * 2)
            let hexadecimal = Self.hexadecimal
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                text.removeAll(keepingCapacity: true)
                text.append(UInt8(truncatingIfNeeded: view.type.code))
                if view.type == .text, !NormalText.isComposed(view.bytes(row)) {
                    text += NormalText.composed(view.bytes(row))
                } else {
                    ValueText.write(view, row: row, into: &text)
                }
                text.withUnsafeBytes { key.authenticate($0, into: &mac) }
                for place in 0..<bytes {
                    made[prefix.count + place * 2] = hexadecimal[Int(mac[place] >> 4)]
                    made[prefix.count + place * 2 + 1] = hexadecimal[Int(mac[place] & 15)]
                }
                made.withUnsafeBytes { builder.append(bytes: $0) }
            }
            return builder.finish()
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func validity(of column: Column, _ type: EntityType?) -> Column {
        guard let type else { return nulls(.bool, column) }
        return column.withView { view in
            var builder = ColumnBuilder(.bool, capacity: view.count)
            var text: [UInt8] = []
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                text.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                let isValid = text.withUnsafeBufferPointer { ValueCheck.isValid($0, as: type) }
                if let isValid { builder.append(bool: isValid) } else { builder.appendNull() }
            }
            return builder.finish()
        }
    }

    private func filters(of column: Column) -> Column {
        let size = BloomFilter.bits / 8
        var bloom = BloomFilter(key: bloomKey)
        return column.withView { view in
            var builder = ColumnBuilder(.binary, capacity: view.count, valueBytes: view.count * size)
            var text: [UInt8] = []
            withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { filter in
                for row in 0..<view.count {
                    guard view.isValid(row) else {
                        builder.appendNull()
                        continue
                    }
                    text.removeAll(keepingCapacity: true)
                    ValueText.write(view, row: row, into: &text)
                    text.withUnsafeBytes { bloom.write($0, into: filter) }
                    builder.append(bytes: UnsafeRawBufferPointer(filter))
                }
            }
            return builder.finish()
        }
    }
}

extension Masker.Companion {
    /// The type of its column.
    var type: ColumnType {
        switch self {
        case .key, .shape: .text
        case .length: .int64
        case .valid: .bool
        case .bloom: .binary
        }
    }

    /// Whether it tells no more of a value than its class's action does.
    func isLeft(by action: PIIAction) -> Bool {
        switch self {
        case .key, .valid: action != .drop
        case .bloom: action != .drop && action != .hash
        case .shape, .length: action == .mask || action == .allow
        }
    }
}
