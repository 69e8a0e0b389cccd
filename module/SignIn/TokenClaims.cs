using System.Buffers.Text;
using System.Security.Cryptography;

namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// What an access token says of itself. A token is opaque by rights: what can be read serves messages, and the lack of it
/// decides nothing.
/// </summary>
/// <param name="Scopes">What a user allowed it; null when it does not say.</param>
/// <param name="Roles">What an administrator allowed the app itself; null when it does not say.</param>
/// <param name="IsAppOnly">Whether it is an app's own, without a user.</param>
internal sealed record TokenClaims(
    string? Account, string? TenantId, IReadOnlyList<string>? Scopes, IReadOnlyList<string>? Roles, DateTimeOffset? ExpiresOn,
    bool IsAppOnly)
{
    /// <summary>Of a token that says nothing.</summary>
    public static readonly TokenClaims None = new(null, null, null, null, null, false);

    /// <summary>Reads the claims of a JWT; <see cref="None"/> for any other token.</summary>
    public static TokenClaims Read(ReadOnlySpan<byte> token)
    {
        int first = token.IndexOf((byte)'.');
        int last = token.LastIndexOf((byte)'.');
        return first >= 0 && last > first && token[(first + 1)..last] is var payload && !payload.Contains((byte)'.')
            && Payload(payload) is Dictionary<string, object?> claims
            ? Of(claims)
            : None;
    }

    private static Dictionary<string, object?>? Payload(ReadOnlySpan<byte> base64Url)
    {
        byte[] base64 = new byte[(base64Url.Length + 3) / 4 * 4];
        byte[] json = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        try
        {
            base64.AsSpan(base64Url.Length).Fill((byte)'=');
            base64Url.CopyTo(base64);
            base64.AsSpan().Replace((byte)'-', (byte)'+');
            base64.AsSpan().Replace((byte)'_', (byte)'/');
            bool isValid = Base64.DecodeFromUtf8(base64, json, out _, out int written) == System.Buffers.OperationStatus.Done;
            return isValid ? JsonTree.ObjectIn(json.AsMemory(0, written)) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(base64);
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private static TokenClaims Of(Dictionary<string, object?> claims)
    {
        string? scopes = Text("scp");
        IReadOnlyList<string>? roles = claims.GetValueOrDefault("roles") is object?[] listed ? [.. listed.OfType<string>()] : null;
        // Entra ID says so in the claim idtyp; without that, a token with roles and no scp is an app's own.
        bool isAppOnly = claims.ContainsKey("idtyp") ? Text("idtyp") is "app" : roles is not null && scopes is null;
        return new TokenClaims(
            Text("upn") ?? Text("preferred_username") ?? Text("unique_name") ?? Text("app_displayname"),
            Text("tid"), scopes?.Split(
                ' ', StringSplitOptions.RemoveEmptyEntries), roles, Time(claims.GetValueOrDefault("exp")), isAppOnly);

        string? Text(string name) => claims.GetValueOrDefault(name) as string;
    }

    private static DateTimeOffset? Time(object? seconds) =>
        seconds is IConvertible number and not (string or bool)
            && Convert.ToDouble(number, CultureInfo.InvariantCulture) is >= 0 and < 2e11 and double since
            ? DateTimeOffset.FromUnixTimeSeconds((long)since)
            : null;
}
