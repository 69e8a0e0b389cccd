using System.Buffers.Text;
using System.Text;
using MgPrint.PowerShell.Models;

namespace MgPrint.PowerShell.Runtime;

/// <summary>What can be told of an access token by looking at it, for better errors; nothing is decided by it.</summary>
internal static class AccessTokenKind
{
    /// <summary>
    /// Whether the token is an app's own, without a user. Entra ID says so in the claim <c>idtyp</c>; without that, a token
    /// with <c>roles</c> and no <c>scp</c> is one. A token that is no JWT tells nothing.
    /// </summary>
    public static bool IsAppOnly(string? token)
    {
        string[] parts = token?.Split('.') ?? [];
        if (parts.Length != 3 || !TryDecode(parts[1], out byte[] payload) || !JsonTree.TryParseObject(payload, out Dictionary<string, object?>? claims, out _))
        {
            return false;
        }

        return claims.TryGetValue("idtyp", out object? kind) ? kind is "app" : claims.ContainsKey("roles") && !claims.ContainsKey("scp");
    }

    private static bool TryDecode(string base64Url, out byte[] decoded)
    {
        string base64 = base64Url.Replace('-', '+').Replace('_', '/');
        byte[] text = Encoding.ASCII.GetBytes(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
        decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        bool isValid = Base64.DecodeFromUtf8(text, decoded, out _, out int written) == System.Buffers.OperationStatus.Done;
        Array.Resize(ref decoded, isValid ? written : 0);
        return isValid;
    }
}
