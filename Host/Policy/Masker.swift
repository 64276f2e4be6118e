public import Columnar
internal import Foundations

/// Makes what a check may see out of raw batches. One masker belongs to one dataset.
///
/// Batches are rebuilt column by column: nothing of a raw buffer is passed on, not even under a null.
public struct Masker: Sendable {
    /// What a check may ask for beside the masked text.
    public enum Companion: String, Sendable, CaseIterable {
        /// Keyed pseudonym of the value, 32 hexadecimal digits; equal values have equal keys.
        case key
        /// Letters → a or A, digits → 9.
        case shape
        /// Unicode scalars.
        case length
    }

    private let key: HMACKey

    /// - Parameters:
    ///   - masterKey: the home's 32-byte key; it never leaves the host.
    ///   - dataset: the dataset's id. Never per run: pseudonyms must survive reruns.
    public init(masterKey: [UInt8], dataset: String) {
        key = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/pseudonym/1/\(dataset)"))
    }

    /// The masked form of a batch.
    ///
    /// - Parameters:
    ///   - exposures: one for each column.
    ///   - withText: false hands over only where there is a value, also of open columns.
    ///   - ordinals: of the rows; `batch.firstOrdinal…` when nil.
    ///   - permit: for `callCheck`.
    public func mask(
        _ batch: Batch, exposures: [Exposure], companions: Set<Companion>, withText: Bool = true,
        ordinals: [Int64]? = nil, permit: Permit
    ) -> MaskedBatch {
        sheet(batch, exposures: exposures, ordinals: ordinals, permit: permit)
            .masked(companions: companions, withText: withText)
    }

    /// The same for several checks: what two of them are handed is masked once.
    ///
    /// - Parameters: as of `mask`.
    public func sheet(
        _ batch: Batch, exposures: [Exposure], ordinals: [Int64]? = nil, permit: Permit
    ) -> MaskedSheet {
        precondition(permit.action == .callCheck && exposures.count == batch.columns.count)
        return MaskedSheet(self, batch, exposures: exposures, ordinals: ordinals)
    }

    /// One value as a preview shows it; nil for a null.
    public static func preview(_ view: ColumnView, row: Int, exposure: Exposure) -> String? {
        guard view.isValid(row) else { return nil }
        var text: [UInt8] = []
        ValueText.write(view, row: row, into: &text)
        return exposure.passes(text) || identityForTests ? String(decoding: text, as: UTF8.self) : Shape.of(text)
    }

    /// Every value copied, with zeros under the nulls.
    func rebuilt(_ column: Column) -> Column { column.gather(Array(0..<column.count)) }

    func masked(_ column: Column, _ exposure: Exposure) -> Column {
        texts(of: column) { text, out in
            if Self.identityForTests || (exposure.mayPass && exposure.passes(Array(text))) {
                out.append(contentsOf: text)
            } else {
                Shape.write(text, into: &out)
            }
        }
    }

    func make(_ companion: Companion, of column: Column) -> Column {
        switch companion {
        case .shape: return texts(of: column) { text, out in Shape.write(text, into: &out) }
        case .length:
            return column.withView { view in
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
        case .key:
            return column.withView { view in
                var builder = ColumnBuilder(.text, capacity: view.count, valueBytes: view.count * 32)
                var text: [UInt8] = []
                var mac = [UInt8](repeating: 0, count: 32)
                var digits = [UInt8](repeating: 0, count: 32)
                let hexadecimal = Self.hexadecimal
                for row in 0..<view.count {
                    guard view.isValid(row) else {
                        builder.appendNull()
                        continue
                    }
                    // The type is part of what is authenticated: the text 1 and the integer 1 are not equal.
                    text.removeAll(keepingCapacity: true)
                    text.append(UInt8(truncatingIfNeeded: view.type.rawValue))
                    ValueText.write(view, row: row, into: &text)
                    text.withUnsafeBytes { key.authenticate($0, into: &mac) }
                    for place in 0..<16 {
                        digits[place * 2] = hexadecimal[Int(mac[place] >> 4)]
                        digits[place * 2 + 1] = hexadecimal[Int(mac[place] & 15)]
                    }
                    digits.withUnsafeBytes { builder.append(bytes: $0) }
                }
                return builder.finish()
            }
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private func texts(of column: Column, _ transform: (UnsafeRawBufferPointer, inout [UInt8]) -> Void) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(.text, capacity: view.count)
            var text: [UInt8] = []
            var changed: [UInt8] = []
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                text.removeAll(keepingCapacity: true)
                changed.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                text.withUnsafeBytes { transform($0, &changed) }
                changed.withUnsafeBytes { builder.append(bytes: $0) }
            }
            return builder.finish()
        }
    }

    #if SLUICE_TEST_HOOKS
    /// Replaces the masker by identity, so that a test can show that the canary test would notice.
    static let identityForTests = Context.system.environment["SLUICE_TEST_IDENTITY_MASKER"] == "1"
    #else
    private static let identityForTests = false
    #endif
}
