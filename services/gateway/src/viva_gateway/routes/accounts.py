"""Accounts and roles of the caller's tenant."""

from uuid import UUID

from fastapi import Request, Response
from viva_core.errors import Invalid, Violation

from viva_gateway.adapters.accounts import Change
from viva_gateway.domain.principal import Role
from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Caller, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas.accounts import AccountChange, AccountOut, NewAccount
from viva_gateway.schemas.base import Page

router = guarded_router("accounts")


@router.get("/accounts")
async def list_accounts(
    request: Request, response: Response, caller: Caller, gateway: Via, limit: Limit = 50, cursor: Cursor = ""
) -> Page[AccountOut]:
    """The tenant's accounts, oldest first."""
    try:
        after = UUID(cursor) if cursor else None
    except ValueError:
        raise Invalid("the cursor is not one of ours", [Violation("cursor", "send `next_cursor` as it came")]) from None
    found = await gateway.accounts.page(caller.tenant_id, after, limit + 1)
    shown = found[:limit]
    more = str(shown[-1].id) if len(found) > limit else ""
    return Page(
        items=[AccountOut.from_account(account) for account in shown], next_cursor=link_next(request, response, more)
    )


@router.post("/accounts", status_code=201)
async def create_account(body: NewAccount, caller: Caller, gateway: Via, response: Response) -> AccountOut:
    """Make an account."""
    hashed = await gateway.passwords.hash(body.password.get_secret_value()) if body.password is not None else None
    account = await gateway.accounts.create(
        gateway.new_id(), caller.tenant_id, body.email, body.name, [Role(role) for role in body.roles], hashed
    )
    response.headers["Location"] = f"/api/v1/accounts/{account.id}"
    return AccountOut.from_account(account)


@router.get("/accounts/{account_id}")
async def get_account(account_id: Id, caller: Caller, gateway: Via) -> AccountOut:
    """One account."""
    return AccountOut.from_account(await gateway.accounts.get(caller.tenant_id, account_id))


@router.patch("/accounts/{account_id}")
async def update_account(account_id: Id, body: AccountChange, caller: Caller, gateway: Via) -> AccountOut:
    """Change name, roles or password, or disable it. A new password or disabling ends its sessions and tokens; the
    last admin stays one."""
    hashed = await gateway.passwords.hash(body.password.get_secret_value()) if body.password is not None else None
    roles = frozenset(Role(role) for role in body.roles) if body.roles is not None else None
    change = Change(name=body.name, roles=roles, disabled=body.disabled, password_hash=hashed)
    account = await gateway.accounts.change(caller.tenant_id, account_id, change)
    if body.disabled or hashed is not None:
        await gateway.sessions.end_all(account_id)
        await gateway.refresh_tokens.revoke_all(account_id)
    return AccountOut.from_account(account)
